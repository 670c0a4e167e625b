import { type Command, InvalidArgumentError } from 'commander';
import { CommandFailure } from '../command-failure.js';
import { type GraphAccess, type GraphOptions } from '../graph-access.js';
import { platformCommands } from './platform-commands.js';
import { type PublishCommandOptions } from './publish-commands.js';

interface Rules {
  readonly organizations: readonly string[];
  readonly approvals: number;
  readonly majorsMayBreak: boolean;
}

interface Policy {
  readonly rules: Rules;
  readonly proposals: readonly {
    readonly organization: string;
    readonly rules: Rules;
    readonly at: string;
  }[];
}

const rulesFields = 'rules { organizations approvals majorsMayBreak }';
const policyFields = `${rulesFields} proposals { organization at ${rulesFields} }`;
const print = (line: string) => process.stdout.write(`${line}\n`);

const described = ({ organizations, approvals, majorsMayBreak }: Rules): string =>
  `${approvals} of ${organizations.join(', ')}; ${majorsMayBreak ? 'major versions may' : 'no version may'} break what clients send`;

function show({ rules, proposals }: Policy): void {
  print(described(rules));
  for (const { organization, rules: wanted, at } of proposals)
    print(`  ${organization} wants since ${at}: ${described(wanted)}`);
}

async function policyOf(graph: GraphAccess): Promise<Policy> {
  const { dAppReviewPolicy } = await graph.request<{ dAppReviewPolicy: Policy }>(
    `{ dAppReviewPolicy { ${policyFields} } }`,
  );
  return dAppReviewPolicy;
}

function countOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('must be 1 or more.');
  return count;
}

/** `medigraph dapp policy`: by what rules organisations review DApps. */
export function addPolicyCommands(dapp: Command, { data, openGraph }: PublishCommandOptions): void {
  const group = dapp.command('policy').description('by what rules organisations review DApps');
  const onPlatform = platformCommands(group, data);

  onPlatform('show', 'tell which rules are in force, and which others are wanted').action(
    async (options: GraphOptions) => show(await policyOf(await openGraph(options))),
  );

  onPlatform(
    'propose',
    'as a reviewing organisation: want other rules, which hold once enough want the same; what is not said stays',
  )
    .option('--organizations <mspIds...>', 'who is to review')
    .option('--approvals <count>', 'how many of them are to approve a version', countOf)
    .option('--majors-may-break', 'a new major version may break what clients send')
    .option('--no-majors-may-break', 'no version may')
    .action(async (options: GraphOptions & Partial<Rules>) => {
      const { organizations, approvals, majorsMayBreak } = options;
      if (organizations === undefined && approvals === undefined && majorsMayBreak === undefined)
        throw new CommandFailure('POLICY_UNSAID', 'say what is to be another; see --help');
      const graph = await openGraph(options);
      const { rules } = await policyOf(graph);
      const input: Rules = {
        organizations: organizations ?? rules.organizations,
        approvals: approvals ?? rules.approvals,
        majorsMayBreak: majorsMayBreak ?? rules.majorsMayBreak,
      };
      const { proposeDAppReviewPolicy: proposed } = await graph.request<{
        proposeDAppReviewPolicy: { policy: Policy };
      }>(
        `mutation($input: ProposeDAppReviewPolicyInput!) { proposeDAppReviewPolicy(input: $input) { policy { ${policyFields} } } }`,
        { input },
      );
      show(proposed.policy);
    });
}
