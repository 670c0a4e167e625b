import { createHash } from 'node:crypto';
import {
  type AuthenticationResponseJSON,
  type AuthenticatorTransport,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { z } from 'zod';
import { type Account, type Passkey } from '../accounts/account.js';
import { type AccountStore } from '../accounts/account-store.js';
import { type Method } from './authentication.js';

/** Loaded when the first passkey is used: it is large, and the provider starts without it. */
const library = () => import('@simplewebauthn/server');

/** Only what identifies it; the library reads the rest. */
const answer = z.looseObject({ id: z.base64url().max(1024) });

const idOf = (subject: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createHash('sha256').update(subject).digest());

/** What a passkey that signed says. */
export interface PasskeyUse {
  readonly subject: string;
  readonly methods: readonly Method[];
}

const transportsOf = ({ transports }: Passkey): AuthenticatorTransport[] =>
  (transports ?? []) as AuthenticatorTransport[];

/** Passkeys (WebAuthn) of accounts, for the one site that the provider is. */
export class Passkeys {
  readonly #accounts: AccountStore;
  readonly #site: URL;

  constructor(accounts: AccountStore, issuer: string) {
    this.#accounts = accounts;
    this.#site = new URL(issuer);
  }

  /** What a browser is asked for to sign in: any passkey of the site, or one of the account's. */
  async requestOptions(account?: Account): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const { generateAuthenticationOptions } = await library();
    return generateAuthenticationOptions({
      rpID: this.#site.hostname,
      // Without a password before it, the passkey is all there is: then its user must be verified.
      userVerification: account ? 'preferred' : 'required',
      allowCredentials: account?.passkeys.map((each) => ({ id: each.id, transports: transportsOf(each) })),
    });
  }

  async creationOptions(account: Account): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const { generateRegistrationOptions } = await library();
    const { holder, username, passkeys } = account;
    return generateRegistrationOptions({
      rpName: 'Medigraph',
      rpID: this.#site.hostname,
      userID: idOf(holder.subject),
      userName: username ?? holder.subject,
      attestationType: 'none',
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
      excludeCredentials: passkeys.map((each) => ({ id: each.id, transports: transportsOf(each) })),
    });
  }

  /**
   * The passkey that signed `challenge`; undefined if it is unknown, of another account than `subject`, of another site, or
   * its signature or counter is not right.
   */
  async verifyUse(
    response: unknown,
    challenge: string,
    subject: string | undefined,
  ): Promise<PasskeyUse | undefined> {
    const id = answer.safeParse(response).data?.id;
    const account = id === undefined ? undefined : await this.#accounts.findByPasskey(id);
    const passkey = account?.passkeys.find((each) => each.id === id);
    if (!account || !passkey || account.disabled) return undefined;
    if (subject !== undefined && account.holder.subject !== subject) return undefined;
    const { verifyAuthenticationResponse } = await library();
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: this.#site.origin,
      expectedRPID: this.#site.hostname,
      requireUserVerification: subject === undefined,
      credential: {
        id: passkey.id,
        publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
        counter: passkey.counter,
        transports: transportsOf(passkey),
      },
    }).catch(() => ({ verified: false, authenticationInfo: undefined }));
    if (!verified || !authenticationInfo) return undefined;
    const { newCounter, userVerified } = authenticationInfo;
    if (!(await this.#counted(account.holder.subject, passkey.id, newCounter))) return undefined;
    const kind = passkey.deviceType === 'singleDevice' ? 'hwk' : 'swk';
    return { subject: account.holder.subject, methods: userVerified ? [kind, 'user'] : [kind] };
  }

  /** Adds the passkey that a browser made for `challenge`; false if it is not right or known already. */
  async register(response: unknown, challenge: string, subject: string): Promise<boolean> {
    const { verifyRegistrationResponse } = await library();
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: response as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: this.#site.origin,
      expectedRPID: this.#site.hostname,
      requireUserVerification: false,
    }).catch(() => ({ verified: false, registrationInfo: undefined }));
    if (!verified || !registrationInfo) return false;
    const { credential, credentialDeviceType } = registrationInfo;
    if (await this.#accounts.findByPasskey(credential.id)) return false;
    await this.#accounts.change(subject, (account) => ({
      ...account,
      passkeys: [
        ...account.passkeys,
        {
          id: credential.id,
          publicKey: Buffer.from(credential.publicKey).toString('base64url'),
          counter: credential.counter,
          transports: credential.transports,
          deviceType: credentialDeviceType,
          createdAt: new Date().toISOString(),
        },
      ],
    }));
    return true;
  }

  /** Keeps the counter; false if another use was faster, so that one signature counts once. */
  async #counted(subject: string, id: string, counter: number): Promise<boolean> {
    let isNewer = false;
    await this.#accounts.change(subject, (account) => ({
      ...account,
      passkeys: account.passkeys.map((each) => {
        if (each.id !== id) return each;
        // Authenticators that do not count say 0 every time.
        isNewer = counter > each.counter || (counter === 0 && each.counter === 0);
        return isNewer ? { ...each, counter } : each;
      }),
    }));
    return isNewer;
  }
}
