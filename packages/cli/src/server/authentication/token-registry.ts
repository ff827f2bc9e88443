/** Makes and revokes access tokens. A token is seen once, when it is made; what is kept is its digest. */
import { AuditTrail, UnknownNameError, type Clock } from "@millrace/agent";
import type { AccessRole, AccessToken, AuditChannel, Platform, Stores } from "@millrace/db";
import { digestOf, newSecret } from "./secrets.ts";

export interface NewToken {
  name: string;
  role: AccessRole;
  platform: string;
  /** In Unix milliseconds; null for never. */
  expiresAt: number | null;
}

/** Whose decision something is. */
export interface Actor {
  name: string;
  channel: AuditChannel;
}

export class TokenRegistry {
  private readonly stores: Stores;
  private readonly clock: Clock;
  private readonly audit: AuditTrail;

  constructor(stores: Stores, clock: Clock, onLostOutcome: (error: unknown) => void) {
    this.stores = stores;
    this.clock = clock;
    this.audit = new AuditTrail({ store: stores.audit, clock, onLostOutcome });
  }

  /** Makes a token; this is the only time that it can be seen. */
  async create(token: NewToken, by: Actor): Promise<{ accessToken: AccessToken; token: string }> {
    const { name, role, expiresAt } = token;
    const platform = await this.stores.platforms.getOrCreate(token.platform, this.clock.now());
    const secret = `mlr_${newSecret()}`;
    const action = { action: "access_token.create", subject: null, details: { name, role, expiresAt } };
    const accessToken = await this.perform(platform, by, action, () =>
      this.stores.accessTokens.create(
        { name, role, expiresAt, platformId: platform.id, digest: digestOf(secret), createdBy: by.name },
        this.clock.now(),
      ),
    );
    return { accessToken, token: secret };
  }

  /** The tokens of all platforms, newest first in each. */
  async list(): Promise<{ accessToken: AccessToken; platform: string }[]> {
    const platforms = await this.stores.platforms.list();
    const lists = await Promise.all(
      platforms.map(async ({ id, name }) =>
        (await this.stores.accessTokens.list(id)).map((accessToken) => ({ accessToken, platform: name })),
      ),
    );
    return lists.flat();
  }

  /** Makes the token good for nothing whose name this is, or whose id ends so. @throws UnknownNameError */
  async revoke(ending: string, by: Actor): Promise<AccessToken> {
    const good = (await this.list()).filter(({ accessToken }) => accessToken.revokedAt === null);
    const named = good.filter(({ accessToken: { id, name } }) => name === ending || id.endsWith(ending.toLowerCase()));
    const [found] = named;
    if (found === undefined || named.length > 1) {
      const ids = (found ? named : good).map(({ accessToken: { id, name } }) => `${name} (${id})`);
      throw new UnknownNameError("one access token", ending, ids);
    }
    const { accessToken, platform } = found;
    const subject = { type: "access_token", id: accessToken.id };
    const action = { action: "access_token.revoke", subject, details: { name: accessToken.name } };
    await this.perform({ id: accessToken.platformId, name: platform }, by, action, () =>
      this.stores.accessTokens.revoke(accessToken.id, this.clock.now()),
    );
    return accessToken;
  }

  private perform<Result>(
    { id: platformId }: Pick<Platform, "id" | "name">,
    { name: actor, channel }: Actor,
    action: Pick<Parameters<AuditTrail["perform"]>[0], "action" | "subject" | "details">,
    work: () => Promise<Result>,
  ): Promise<Result> {
    return this.audit.perform({ platformId, actor, channel, ...action }, work);
  }
}
