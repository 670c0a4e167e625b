import {
  CallContext,
  calledChaincode,
  callerAttributes,
  type Caller,
  StateTable,
} from '@medigraph/chaincode-lib';
import { dappOfChaincode } from '@medigraph/schema/dapps';
import { Consents } from './consents.js';
import { DAppError } from './dapp-error.js';
import { Installations } from './installations.js';
import { Institutions } from './institutions.js';
import { personWhoCalls } from './person.js';

/** Who signed a transaction, and what their organisation's CA vouches for of them. */
export interface DAppCaller extends Caller {
  /** Id of the practitioner that the certificate is for. */
  readonly practitioner?: string;
  /** Id of the program that the certificate is for. */
  readonly application?: string;
}

/** One transaction of a DApp: who calls, when, what they allowed; state and events. */
export class DAppContext extends CallContext {
  #dappCaller: DAppCaller | undefined;
  #person: Promise<string | undefined> | undefined;
  #emitted = false;

  override get caller(): DAppCaller {
    return (this.#dappCaller ??= { ...super.caller, ...this.#vouchedFor() });
  }

  /** Id of the DApp. @throws {@link DAppError} `CALL_INDIRECT` if another chaincode called it. */
  get dapp(): string {
    const called = calledChaincode(this.stub);
    const dapp = dappOfChaincode(called);
    if (dapp === undefined)
      throw new DAppError('CALL_INDIRECT', `${called} may not ask this in the name of whoever called it`);
    return dapp;
  }

  /** What patients allow. */
  get consents(): Consents {
    return new Consents(this.stub, this.dapp);
  }

  /** Who uses the DApp. */
  get installations(): Installations {
    return new Installations(this.stub, this.dapp, async () => (await this.person()) ?? this.caller.address);
  }

  /**
   * Chain address of the patient who calls: the one that they have for good, whatever key they sign with by now. Keep this,
   * never `caller.address`, which changes with the key. Undefined for whoever is no patient, or signs with a key of before.
   */
  person(): Promise<string | undefined> {
    return (this.#person ??= personWhoCalls(this.stub));
  }

  /** Institutions, and to whom they belong. */
  get institutions(): Institutions {
    return new Institutions(this.stub, this.caller);
  }

  /**
   * One kind of state, as JSON under keys of one or more parts. A transaction does not read its own writes.
   * @example const slot = await ctx.table<Slot>('slot').get(schedule, id);
   */
  table<T>(kind: string): StateTable<T> {
    return StateTable.json<T>(this.stub, kind);
  }

  /**
   * Emits the transaction's one event. Everybody on the channel can read it: ids, never what somebody's record says.
   * @param name - as `graph.events` of the manifest has it.
   * @throws TypeError on the second: Fabric would keep only the last.
   */
  emit(name: string, items: readonly object[]): void {
    if (this.#emitted) throw new TypeError(`a transaction emits one event, and ${name} is its second`);
    this.#emitted = true;
    this.setEvent(name, items);
  }

  #vouchedFor(): Partial<Record<keyof typeof callerAttributes, string>> {
    const found = Object.entries(callerAttributes).map(([name, attribute]) => [
      name,
      this.attribute(attribute),
    ]);
    return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as Record<string, string>;
  }
}
