import * as v from 'valibot';
import { Count } from '#contract/numbers.ts';
import { EnvelopeSchema, ReplySchema } from '#contract/requests.ts';

/** What the reader thread is started with. */
export const ReaderDataSchema = v.strictObject({ databaseFile: v.pipe(v.string(), v.nonEmpty()) });
export type ReaderData = v.InferOutput<typeof ReaderDataSchema>;

/** To the reader thread: a request with the number of its reply. */
export const ReaderRequestSchema = v.strictObject({ id: Count, ...EnvelopeSchema.entries });
export type ReaderRequest = v.InferOutput<typeof ReaderRequestSchema>;

/** From the reader thread: the reply, and how long the query took. */
export const ReaderReplySchema = v.strictObject({
  id: Count,
  reply: ReplySchema,
  elapsedMs: v.pipe(v.number(), v.minValue(0)),
});
export type ReaderReply = v.InferOutput<typeof ReaderReplySchema>;
