import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { common, orderer } from '@hyperledger/fabric-protos';
import { findProgram } from '../native/binaries.js';
import { anyRole, configGroup, metaPolicy, standardPolicies } from './config-group.js';
import { configUpdateOf } from './config-update.js';

const configtxlator = await findProgram('configtxlator');
// Without Fabric's own tool on this machine the comparison is reported as skipped.
const itWithFabric = configtxlator === undefined ? it['skip'] : it;

const timeout = (text: string) => {
  const value = new orderer.BatchTimeout();
  value.setTimeout(text);
  return value;
};

const member = (mspId: string) => configGroup({ policies: { Admins: anyRole(mspId, 'admin') } });

function original(): common.Config {
  const application = configGroup({
    policies: standardPolicies(),
    groups: { AMSP: member('AMSP'), BMSP: member('BMSP') },
  });
  application.setVersion(3);
  const config = new common.Config();
  config.setSequence(5);
  config.setChannelGroup(
    configGroup({
      policies: standardPolicies(),
      groups: {
        Application: application,
        Orderer: configGroup({ values: { BatchTimeout: timeout('1s'), Other: timeout('2s') } }),
      },
    }),
  );
  return config;
}

type Change = (application: common.ConfigGroup, ordering: common.ConfigGroup) => void;

function changed(change: Change): common.Config {
  const config = original();
  const inner = config.getChannelGroup()?.getGroupsMap();
  const [application, ordering] = [inner?.get('Application'), inner?.get('Orderer')];
  if (!application || !ordering) throw new Error('the configuration has both');
  change(application, ordering);
  return config;
}

const addMember: Change = (application) => application.getGroupsMap().set('CMSP', member('CMSP'));
const removeMember: Change = (application) => application.getGroupsMap().del('BMSP');
const changeValue: Change = (_, ordering) =>
  ordering.getValuesMap().get('BatchTimeout')?.setValue(timeout('3s').serializeBinary());
const changePolicy: Change = (application) =>
  application.getPoliciesMap().get('Writers')?.setPolicy(metaPolicy('ALL', 'Writers'));
const changeModPolicy: Change = (_, ordering) => ordering.setModPolicy('/Channel/Admins');

interface Versioned {
  entries(): { next(): { done: boolean; value: [string, { getVersion(): number }] } };
}

function versionsOf(map: Versioned): Record<string, number> {
  const found: Record<string, number> = {};
  const entries = map.entries();
  for (let next = entries.next(); !next.done; next = entries.next()) {
    found[next.value[0]] = next.value[1].getVersion();
  }
  return found;
}

/** Versions of a group and of what it names, for reading. */
function outline(group: common.ConfigGroup | undefined): object {
  const groups = group?.getGroupsMap();
  const names = Object.keys(groups ? versionsOf(groups) : {});
  return {
    version: group?.getVersion(),
    ...(group && versionsOf(group.getValuesMap())),
    ...(group && versionsOf(group.getPoliciesMap())),
    ...Object.fromEntries(names.map((name) => [name, outline(groups?.get(name))])),
  };
}

const updateOf = (change: Change) => configUpdateOf('care', original(), changed(change));

describe('configUpdateOf', () => {
  it('is nothing where nothing changes', () => {
    expect(updateOf(() => undefined)).toBeUndefined();
  });

  it('writes a group that gets a member anew, and reads what it had', () => {
    const update = updateOf(addMember);
    const policies = { Readers: 0, Writers: 0, Admins: 0 };
    const members = { AMSP: { version: 0 }, BMSP: { version: 0 } };
    expect(outline(update?.getReadSet())).toEqual({
      version: 0,
      Application: { version: 3, ...policies, ...members },
    });
    expect(outline(update?.getWriteSet())).toEqual({
      version: 0,
      Application: { version: 4, ...policies, ...members, CMSP: { version: 0, Admins: 0 } },
    });
  });

  it('writes a changed value alone, and reads nothing of it', () => {
    const update = updateOf(changeValue);
    expect(outline(update?.getReadSet())).toEqual({ version: 0, Orderer: { version: 0 } });
    expect(outline(update?.getWriteSet())).toEqual({
      version: 0,
      Orderer: { version: 0, BatchTimeout: 1 },
    });
  });

  it('writes a group that loses a member without it', () => {
    const application = updateOf(removeMember)?.getWriteSet()?.getGroupsMap().get('Application');
    expect(application?.getVersion()).toBe(4);
    expect([...(application?.getGroupsMap().keys() ?? [])]).toEqual(['AMSP']);
  });

  itWithFabric.each(Object.entries({ addMember, removeMember, changeValue, changePolicy, changeModPolicy }))(
    'is what Fabric’s own tool makes of %s',
    async (_, change) => {
      const folder = await mkdtemp(path.join(tmpdir(), 'medigraph-config-update-'));
      try {
        const file = (name: string) => path.join(folder, name);
        await writeFile(file('original'), original().serializeBinary());
        await writeFile(file('desired'), changed(change).serializeBinary());
        const files = [
          '--original',
          file('original'),
          '--updated',
          file('desired'),
          '--output',
          file('update'),
        ];
        await promisify(execFile)(configtxlator ?? '', ['compute_update', '--channel_id', 'care', ...files]);
        const theirs = common.ConfigUpdate.deserializeBinary(await readFile(file('update')));
        expect(updateOf(change)?.toObject()).toEqual(theirs.toObject());
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});
