/** A map that forgets what was not asked for the longest, so that what users write cannot fill the memory. */
export class BoundedCache<Value> {
  private readonly entries = new Map<string, Value>();
  private readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** The value of a key, made if it is not there. What `make` throws is thrown, and nothing is kept. */
  get(key: string, make: () => Value): Value {
    const known = this.entries.get(key);
    const value = known ?? make();
    // A map keeps the order in which keys were set: the first is the one that was not asked for the longest.
    this.entries.delete(key);
    this.entries.set(key, value);
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.capacity) break;
      this.entries.delete(oldest);
    }
    return value;
  }
}
