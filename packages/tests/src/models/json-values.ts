/** JSON of every shape. */
export const JSON_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -0,
  -1.5,
  1e300,
  "",
  'it\'s "quoted" `too`',
  "a\0b",
  "😀 Ä 漢字 \u202E",
  "\ud800",
  "'; DROP TABLE events; --",
  [],
  [1, [2, [null]]],
  {},
  // A key of its own, which an object literal could not have.
  JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"":2}'),
  { a: { b: [null, { c: "d" }] }, absent: undefined },
];
