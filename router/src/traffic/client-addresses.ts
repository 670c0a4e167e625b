import { type IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';

/** Tells the address of a client through proxies that are trusted to say it. */
export class ClientAddresses {
  readonly #trusted = new BlockList();
  readonly #any: boolean;

  /**
   * @param trusted - addresses and networks (`10.0.0.0/8`) of proxies whose `X-Forwarded-For` is believed.
   * @throws where one is neither
   */
  constructor(trusted: readonly string[]) {
    this.#any = trusted.length > 0;
    for (const proxy of trusted) {
      const [address = '', bits] = proxy.split('/');
      const family = isIP(address);
      const prefix = bits === undefined ? undefined : Number(bits);
      if (
        family === 0 ||
        (prefix !== undefined &&
          !(Number.isInteger(prefix) && prefix >= 0 && prefix <= (family === 4 ? 32 : 128)))
      )
        throw new Error(`"${proxy}" is no address and no network of a proxy.`);
      if (prefix === undefined) this.#trusted.addAddress(address, typeOf(address));
      else this.#trusted.addSubnet(address, prefix, typeOf(address));
    }
  }

  /** The nearest address on the request's way that is no trusted proxy's. What lies beyond it could say anything. */
  of({ socket, headers }: IncomingMessage): string {
    let address = plain(socket.remoteAddress ?? '');
    if (!this.#any) return address;
    const given = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    while (this.#isTrusted(address)) {
      const next = plain(given.pop()?.trim() ?? '');
      if (isIP(next) === 0) break;
      address = next;
    }
    return address;
  }

  #isTrusted(address: string): boolean {
    return isIP(address) !== 0 && this.#trusted.check(address, typeOf(address));
  }
}

/** What stands for one client: an IPv4 address, or the /64 that a host chooses its IPv6 addresses from. */
export function addressGroup(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/** An IPv4 address that came in the clothes of an IPv6 one. */
function plain(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? address;
}

function typeOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
