import { ipcMain, MessageChannelMain } from 'electron';
import type { IpcMainEvent, IpcMainInvokeEvent, WebContents, WebFrameMain } from 'electron';
import { REQUEST_CHANNEL, STREAM_CHANNEL } from '#contract/bridge.ts';
import type { Answerers } from './handlers.ts';
import { createHandlers } from './handlers.ts';
import { LiveStream } from './live-stream.ts';
import type { TellError } from './log.ts';
import { isOwnUrl } from './origin.ts';
import { createResponder } from './requests.ts';

type IpcOptions = {
  answerers: Answerers;
  devServer: string | null;
  checkAnswers: boolean;
  onError: TellError;
};

/** Opens the two channels of the contract to the page of one window. */
export function openIpc({ answerers, devServer, checkAnswers, onError }: IpcOptions): (window: WebContents) => void {
  let console: WebContents | null = null;
  const stream = new LiveStream(answerers.backend, () => new MessageChannelMain());
  const respond = createResponder(createHandlers(answerers), {
    checkAnswers,
    onInternalError: (name, thrown) => onError(`the request ${name}`, thrown),
  });
  /** The frame of a message if it is the top frame of our window, showing one of our pages. */
  const ownFrame = ({ sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent): WebFrameMain | null =>
    senderFrame !== null &&
    sender === console &&
    senderFrame === sender.mainFrame &&
    isOwnUrl(senderFrame.url, devServer)
      ? senderFrame
      : null;
  ipcMain.handle(REQUEST_CHANNEL, (event, message: unknown) => respond(ownFrame(event) !== null, message));
  ipcMain.on(STREAM_CHANNEL, (event) => {
    const frame = ownFrame(event);
    if (frame === null) onError('the live stream', new Error('It was asked for by a frame that is not the console.'));
    else stream.open(frame);
  });
  return (window) => {
    console = window;
    window.on('did-start-navigation', (details) => {
      if (details.isMainFrame && !details.isSameDocument) stream.close();
    });
    window.on('render-process-gone', () => stream.close());
    window.once('destroyed', () => stream.close());
  };
}
