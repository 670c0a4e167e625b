import { demand } from '@medigraph/dapp';
import { type Appointment, type Fee, type Payment } from './types.js';

const hour = 3_600_000;

/** What is due at booking. */
export function feeOf(fee: Fee | undefined): Payment {
  return fee ? { status: 'due', amount: fee.amount, currency: fee.currency } : { status: 'none' };
}

function demandPayment({ status }: Payment, ...allowed: readonly Payment['status'][]): void {
  demand(
    allowed.includes(status),
    'PAYMENT_STATE_INVALID',
    `the payment is ${status}; this is for one that is ${allowed.join(' or ')}`,
  );
}

/** The patient says that it was paid. */
export function announced(payment: Payment, reference: string): Payment {
  demandPayment(payment, 'due');
  return { ...payment, status: 'announced', reference };
}

/** The institution says that it has come in; at the desk, nobody announces it before. */
export function settled(payment: Payment, reference: string): Payment {
  demandPayment(payment, 'due', 'announced');
  return { ...payment, status: 'paid', reference };
}

/** The institution says that it was paid back. */
export function refunded(payment: Payment, reference: string): Payment {
  demandPayment(payment, 'refund-due');
  return { ...payment, status: 'refunded', reference };
}

interface Cancellation {
  readonly by: 'patient' | 'institution';
  readonly at: string;
  readonly fee: Fee | undefined;
}

/** What becomes of the fee: a patient who cancels late owes it all the same, an institution always gives it back. */
export function afterCancellation({ payment, start }: Appointment, { by, at, fee }: Cancellation): Payment {
  const notice = Date.parse(start) - Date.parse(at);
  const inTime = by === 'institution' || notice >= (fee?.refundableUntilHours ?? 0) * hour;
  if (!inTime || payment.status === 'none') return payment;
  return payment.status === 'due' ? { status: 'none' } : { ...payment, status: 'refund-due' };
}
