/**
 * Version of what the model computes. It rises whenever the same config, seed and commands would give another state or
 * other samples (a test compares digests), because a checkpoint of another version cannot be continued exactly.
 */
export const MODEL_VERSION = 2;
