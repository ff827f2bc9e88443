/** A way to a server that can be cut off in the middle: a wire of TCP. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export class Wire {
  readonly port: number;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  /** The port of the server at the other end. */
  private target = 0;

  private constructor(server: Server) {
    this.server = server;
    // A server that listens on a port has an address of this kind.
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (near) => this.join(near));
  }

  static async open(): Promise<Wire> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Wire(server);
  }

  leadTo(port: number): void {
    this.target = port;
  }

  /** Ends every connection, as when a cable is pulled; new ones can be made. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.server.close();
    this.cut();
    await once(this.server, "close");
  }

  private join(near: Socket): void {
    const far = connect(this.target, "127.0.0.1");
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      socket.pipe(other);
      // What an end has to say about its going is nothing new to the other.
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
