import { callerOf, type Caller } from './caller.js';
import { canonicalJson } from './canonical-json.js';
import { Context } from './fabric.js';

/** One call of a contract: who signed it, when, as what; and what it tells others. */
export class CallContext extends Context {
  #caller: Caller | undefined;

  get caller(): Caller {
    return (this.#caller ??= callerOf(this.stub.getCreator()));
  }

  /** What the organisation's CA vouches for of the signer: an attribute of the certificate; undefined if it has none of the name. */
  attribute(name: string): string | undefined {
    return this.clientIdentity.getAttributeValue(name) ?? undefined;
  }

  /** The only clock of a contract: when the caller says the transaction was made. ISO 8601 in UTC with milliseconds. */
  get now(): string {
    return this.stub.getDateTimestamp().toISOString();
  }

  get transactionId(): string {
    return this.stub.getTxID();
  }

  /** Emits the transaction's one event; its payload is the array of items. */
  protected setEvent(name: string, items: readonly unknown[]): void {
    this.stub.setEvent(name, Buffer.from(canonicalJson(items)));
  }
}
