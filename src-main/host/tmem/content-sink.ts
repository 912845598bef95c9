/** Told of the content of every page that is stored, read or removed, whatever removes it. Must not call back. */
export interface ContentSink {
  /** @param isEphemeral whether the page is in an ephemeral pool; else it is in a persistent one */
  stored(contentLo: number, contentHi: number, isEphemeral: boolean): void;
  read(contentLo: number, contentHi: number): void;
  removed(contentLo: number, contentHi: number, isEphemeral: boolean): void;
}
