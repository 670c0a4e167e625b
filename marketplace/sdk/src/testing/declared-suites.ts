/** The questions of the consortium's suites, answered by what a test declares. */
import api, { type Context } from 'fabric-contract-api';
import { callerAttributes, callerOf } from '@medigraph/chaincode-lib';
import { ContractBench } from '@medigraph/chaincode-lib/testing';
import { type ConsentQuestion } from '../consents.js';
import { type Institution } from '../institutions.js';

/** A consent in force that a test declares; what it does not say it does not restrict. */
export interface DeclaredConsent extends Omit<ConsentQuestion, 'category' | 'grantee'> {
  /** Absent for any grantee. */
  readonly grantee?: string;
  readonly category?: readonly NonNullable<ConsentQuestion['category']>[];
  /** Whom it names; absent for the DApp. One that names another opens nothing to it. */
  readonly actor?: { readonly kind: 'practitioner' | 'application'; readonly id: string };
}

/** The question as the kit passes it on. */
interface AskedConsent extends ConsentQuestion {
  readonly actor: NonNullable<DeclaredConsent['actor']>;
}

interface InstallationQuestion {
  readonly dapp: string;
  readonly holder: string;
}

const covers = ({ actor, ...consent }: DeclaredConsent, asked: AskedConsent): boolean =>
  consent.patient === asked.patient &&
  consent.purpose === asked.purpose &&
  (consent.grantee === undefined || asked.grantee === undefined || consent.grantee === asked.grantee) &&
  (consent.category === undefined ||
    (asked.category !== undefined && consent.category.includes(asked.category))) &&
  (actor === undefined || (actor.kind === asked.actor.kind && actor.id === asked.actor.id));

/** Consents by id, the holders who installed the DApp, and the organisation of each institution. */
export class Declarations {
  readonly consents = new Map<string, DeclaredConsent>();
  readonly holders = new Set<string>();
  /** Address of the key that a person signs with by now, to the address that they have for good; undefined of a key of before. */
  readonly followed = new Map<string, string | undefined>();
  readonly institutions = new Map<string, Omit<Institution, 'id'>>();
  /** Institution by id of the practitioner who works there. */
  readonly practitioners = new Map<string, string>();
}

/** Chaincodes `care` and `registry` of a channel, as far as contracts of DApps may ask them. */
export function declaredSuites(channel: string, dapp: string, declared: Declarations): ContractBench[] {
  class Access extends api.Contract {
    Permits(_ctx: Context, argument: string): Promise<object> {
      const asked = JSON.parse(argument) as AskedConsent;
      const found = [...declared.consents].find(([, consent]) => covers(consent, asked));
      return Promise.resolve(found ? { permitted: true, consent: found[0] } : { permitted: false });
    }
  }
  class Registration extends api.Contract {
    Resolve(_ctx: Context, argument: string): Promise<object> {
      const { institution } = JSON.parse(argument) as { institution: string };
      const found = declared.institutions.get(institution);
      if (found === undefined)
        throw new Error(`INSTITUTION_NOT_FOUND: there is no institution ${institution}`);
      return Promise.resolve({ id: institution, ...found });
    }

    Self({ stub }: Context, _argument: string): Promise<object> {
      const { address, isPerson } = callerOf(stub.getCreator());
      const person = declared.followed.has(address) ? declared.followed.get(address) : address;
      if (!isPerson || person === undefined)
        throw new Error('CALLER_FORBIDDEN: only a registered patient may do this, with their own key');
      return Promise.resolve({ address: person });
    }

    PractitionerSelf({ stub, clientIdentity }: Context, _argument: string): Promise<object> {
      const id = clientIdentity.getAttributeValue(callerAttributes.practitioner) ?? '';
      const institution = declared.practitioners.get(id) ?? '';
      const works = declared.institutions.get(institution)?.mspId === callerOf(stub.getCreator()).mspId;
      return Promise.resolve(works ? { practitioner: { id, institution } } : {});
    }
  }
  class DApps extends api.Contract {
    Installed(_ctx: Context, argument: string): Promise<object> {
      const asked = JSON.parse(argument) as InstallationQuestion;
      return Promise.resolve({ installed: asked.dapp === dapp && declared.holders.has(asked.holder) });
    }
  }
  return [
    new ContractBench({ contracts: [Access, Registration], channel, chaincode: 'care' }),
    new ContractBench({ contracts: [DApps], channel, chaincode: 'registry' }),
  ];
}
