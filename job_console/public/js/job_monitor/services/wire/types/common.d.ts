/** ISO 8601 in UTC. */
export type WireTime = string;

/** Facts of a warning or a cause: what they are depends on its code. */
export type WireFacts = Record<string, unknown>;
