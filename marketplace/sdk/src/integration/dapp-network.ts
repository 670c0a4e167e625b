import { z } from 'zod';
import { NetworkService, networkVariable } from './network-service.js';
import { Participant, Patient } from './participant.js';

/** @see DAppNetwork.patient */
export interface PatientOptions {
  /** Whether they have the DApps installed, with every scope: they have unless it is false. */
  readonly installed?: boolean;
}

const tokenAnswer = z.object({ token: z.string() });
const patientAnswer = z.object({ token: z.string(), address: z.string() });

/**
 * A Medigraph network with the DApp on it: published, reviewed, approved, run in its sandbox and installed by every institution,
 * as it is anywhere.
 *
 * @example
 * const network = DAppNetwork.connect();
 * after(() => network.close());
 * const patient = await network.patient();
 * await patient.request('mutation { greeter_greet(words: "hello") { result { id } } }');
 */
export class DAppNetwork {
  readonly #service: NetworkService;
  readonly #participants: Participant[] = [];

  private constructor(service: NetworkService) {
    this.#service = service;
  }

  /** The network that the tests were started with. @throws {@link NetworkMissing} */
  static connect(): DAppNetwork {
    return new DAppNetwork(new NetworkService(process.env[networkVariable]));
  }

  /**
   * Who works at an institution (`hospital-a`, `hospital-b`, `insurer-a`, `insurer-b`, `regulator`), who operates an organisation
   * (`operator:hospital-a`), or a practitioner that {@link DAppNetwork.practitioner} brought (`practitioner:hospital-a/dr-b`).
   * @throws Error `ROLE_UNKNOWN`
   */
  async as(role: string): Promise<Participant> {
    const { token } = await this.#service.ask('token', { role }, tokenAnswer);
    return this.#known(new Participant({ ...this.#place, token }));
  }

  /** A patient whom nobody knew before. */
  async patient({ installed = true }: PatientOptions = {}): Promise<Patient> {
    const { token, address } = await this.#service.ask('patient', { installed }, patientAnswer);
    return this.#known(new Patient(address, { ...this.#place, token }));
  }

  /** A practitioner of an institution, registered if they were not; their transactions say who they are. */
  async practitioner(institution: string, id: string): Promise<Participant> {
    const { token } = await this.#service.ask('practitioner', { institution, id }, tokenAnswer);
    return this.#known(new Participant({ ...this.#place, token }));
  }

  /** Ends every stream that is open. */
  async close(): Promise<void> {
    await Promise.all(this.#participants.map((each) => each.close()));
  }

  get #place(): { graph: string; begin: string } {
    const { graph, begin } = this.#service;
    return { graph, begin };
  }

  #known<Kind extends Participant>(participant: Kind): Kind {
    this.#participants.push(participant);
    return participant;
  }
}
