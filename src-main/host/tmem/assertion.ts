/**
 * In conformance mode: the operation would have run into an assertion of Xen's debug build, or into freed memory. The
 * state after it is undefined, as it is there.
 */
export class XenAssertion extends Error {
  readonly code = 'xen-assertion';

  constructor(condition: string) {
    super(condition);
    this.name = 'XenAssertion';
  }
}
