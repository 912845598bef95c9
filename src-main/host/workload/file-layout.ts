/** So many files of so many pages each. */
export interface FileRun {
  readonly files: number;
  readonly pagesPerFile: number;
}

/** The file pages of a generated workload: runs of files of equal size, one after the other, numbered from 0. */
export class FileLayout {
  readonly pages: number;
  private readonly runs: readonly FileRun[];

  constructor(...runs: readonly FileRun[]) {
    this.runs = runs;
    this.pages = this.firstPageOf(runs.length);
  }

  /** The first page of a run. */
  firstPageOf(run: number): number {
    return this.runs.slice(0, run).reduce((sum, { files, pagesPerFile }) => sum + files * pagesPerFile, 0);
  }

  fileOf(page: number): number {
    let firstPage = 0;
    let firstFile = 0;
    for (const { files, pagesPerFile } of this.runs) {
      if (page < firstPage + files * pagesPerFile) return firstFile + Math.floor((page - firstPage) / pagesPerFile);
      firstPage += files * pagesPerFile;
      firstFile += files;
    }
    return firstFile;
  }

  indexOf(page: number): number {
    let firstPage = 0;
    for (const { files, pagesPerFile } of this.runs) {
      if (page < firstPage + files * pagesPerFile) return (page - firstPage) % pagesPerFile;
      firstPage += files * pagesPerFile;
    }
    return page - firstPage;
  }
}
