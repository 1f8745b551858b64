package io.ringfence.vhostuser.backend;

import io.netty.channel.IoEventLoop;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.linux.UnixSocket;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.ProtocolFeatures;
import io.ringfence.vhostuser.protocol.ProtocolViolation;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One front-end connection, from accept to close (vhost-user.rst, "Communication").
 *
 * <p>A request is read ({@link MessageReader}), handled ({@link RequestTable}) and, if it changed what the device is to look
 * like, given to the device as a whole new state ({@link DeviceHandover}). Until the device has taken that on, and the reply is
 * sent ({@link ReplyWriter}), nothing more is read; other sessions of the same thread go on. A session ends once, with one
 * reason: the device gets the empty state, then everything is unmapped and closed.
 *
 * <p>All methods but {@link #end} run on the event loop's thread.
 */
final class Session implements SessionControl {
    /** Requests served before other sessions of the thread get their turn. */
    private static final int MAX_REQUESTS_PER_TURN = 16;

    private final IoEventLoop loop;
    private final UnixSocket socket;
    private final Device device;
    private final Runnable onClosed;
    private final SessionState state;
    private final RequestAllowance allowance;
    private final RequestTable table = new RequestTable();
    private final MessageReader reader;
    private final Deadline messageDeadline;
    private final Deadline firstRequestDeadline;
    private final ReplyWriter replies;
    private final DeviceHandover handover;
    private final Watch watch;

    private @Nullable String endReason;
    private boolean servedRequests;
    private boolean silentTooLong;
    /** Whether nothing is read for a moment, since the front-end asked for too much. */
    private boolean heldBack;

    private Session(
            IoEventLoop loop,
            UnixSocket socket,
            Device device,
            SessionLimits limits,
            RequestAllowance allowance,
            Runnable onClosed) {
        this.loop = loop;
        this.socket = socket;
        this.device = device;
        this.onClosed = onClosed;
        this.allowance = allowance;
        this.state = new SessionState(device.offer(), device.redoLogs());
        this.reader = new MessageReader(socket);
        this.watch = new Watch(loop, socket.fd(), this::onReady);
        this.handover = new DeviceHandover(loop, device);
        this.messageDeadline = new Deadline(
                loop,
                limits.message(),
                () -> endNow("front-end sent only a part of a message, expected its end within " + limits.message()));
        this.firstRequestDeadline = new Deadline(loop, limits.silence(), () -> silentTooLong = true);
        this.replies = new ReplyWriter(
                socket,
                watch,
                new Deadline(
                        loop,
                        limits.reply(),
                        () -> endNow("front-end did not read its replies, expected it within " + limits.reply())));
        FeatureRequests.register(table, state);
        MemoryRequests.register(table, state);
        VringRequests.register(table, state, this);
        DeviceRequests.register(table, state, device);
    }

    /**
     * Serves a connection, which it owns from now on, and closes if it throws.
     *
     * @param allowance what this socket's front-ends are served, the earlier ones too
     * @param onClosed runs, later, when nothing of the session is left
     */
    static Session start(
            IoEventLoop loop,
            UnixSocket socket,
            Device device,
            SessionLimits limits,
            RequestAllowance allowance,
            Runnable onClosed) {
        allowance.spend(RequestAllowance.CONNECTION, System.nanoTime());
        Session session;
        try {
            session = new Session(loop, socket, device, limits, allowance, onClosed);
        } catch (RuntimeException | Error e) {
            socket.close();
            throw e;
        }
        session.guarded(() -> {
            device.opened(session);
            session.firstRequestDeadline.begin();
            session.watch.waitToRead();
        });
        return session;
    }

    /** Whether the session is over or about to be, because its front-end is gone. */
    boolean endsSoon() {
        return endReason != null || socket.peerClosed();
    }

    /** Whether the front-end has connected long ago, and not made a request since. */
    boolean isSilent() {
        return silentTooLong;
    }

    /** Whether the front-end ever said something sensible. */
    boolean servedRequests() {
        return servedRequests;
    }

    @Override
    public void end(String reason) {
        try {
            loop.execute(() -> endNow(reason));
        } catch (RejectedExecutionException e) {
            // The event loop has been closed, and all sessions with it.
        }
    }

    private void onReady() {
        if (endReason != null) {
            return;
        }
        if (handover.isBusy() || heldBack) {
            // Nothing was asked for, so that it can only be the end of the connection.
            if (socket.peerClosed()) {
                endNow("front-end closed the connection while its last request was being applied"
                        + (heldBack ? ", or its next one held back" : ""));
            }
            return;
        }
        guarded(() -> {
            replies.goOn();
            if (replies.isThrough()) {
                readRequests();
            }
        });
    }

    private interface Step {
        void run() throws IOException, ProtocolViolation;
    }

    /** Whatever goes wrong ends this session and no other. */
    private void guarded(Step step) {
        try {
            step.run();
        } catch (IOException | ProtocolViolation e) {
            endNow(String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            // An Error, too: it would end the event loop's thread, and so all sessions.
            endNow("the session failed: " + e);
        }
    }

    private void readRequests() throws IOException, ProtocolViolation {
        for (int i = 0; i < MAX_REQUESTS_PER_TURN; i++) {
            if (!reader.begun() && holdsBack()) {
                return;
            }
            MessageReader.Received received = reader.read();
            if (received == null) {
                break;
            }
            messageDeadline.cancel();
            allowance.spend(RequestAllowance.weight(received.message().request()), System.nanoTime());
            boolean left;
            try (var descriptors = received.descriptors()) {
                serve(received.message(), table.handle(requireAcknowledgeable(received.message()), descriptors, state));
                left = descriptors.count() > 0;
            }
            if (left) {
                socket.closes().requireFewOpen();
            }
            if (handover.isBusy() || !replies.isThrough() || endReason != null) {
                return;
            }
        }
        if (reader.begun()) {
            messageDeadline.begin();
        }
    }

    /** Whether the front-end has asked for more than it is served now; then it is read on in a moment. */
    private boolean holdsBack() {
        long nanos = allowance.holdBackNanos(System.nanoTime());
        if (nanos == 0) {
            return false;
        }
        heldBack = true;
        watch.waitForNothing();
        var ignored = loop.schedule(this::readOn, nanos, TimeUnit.NANOSECONDS);
        return true;
    }

    private void readOn() {
        heldBack = false;
        if (endReason == null) {
            watch.waitToRead();
        }
    }

    private Message requireAcknowledgeable(Message message) throws ProtocolViolation {
        if (message.needReply() && (state.protocolFeatures & ProtocolFeatures.REPLY_ACK) == 0) {
            throw new ProtocolViolation(
                    message.request().describe() + " asks for an acknowledgement, but REPLY_ACK was not negotiated");
        }
        return message;
    }

    private void serve(Message message, Answer answer) throws IOException, ProtocolViolation {
        servedRequests = true;
        firstRequestDeadline.cancel();
        silentTooLong = false;
        DeviceState next = state.deviceState();
        DeviceState before = handover.latest();
        if (next.equals(before)) {
            state.closeRetired();
            replies.answer(message, answer);
            return;
        }
        watch.waitForNothing();
        configure(next, () -> {
            if (endReason != null) {
                release(endReason);
                return;
            }
            callNewQueues(before, next);
            state.closeRetired();
            replies.answer(message, answer);
            if (replies.isThrough()) {
                watch.waitToRead();
            }
        });
    }

    /** Goes on when the device has taken a state on. */
    private void configure(DeviceState next, Step then) {
        handover.configure(next, () -> guarded(then));
    }

    /**
     * Calls the driver once for each ring that starts or gets another call descriptor: it may wait for a call that was
     * lost with an earlier session.
     */
    private static void callNewQueues(DeviceState before, DeviceState now) {
        for (Virtqueue queue : now.queues()) {
            EventFd call = queue.setup().call();
            if (call != null
                    && before.queues().stream()
                            .noneMatch(earlier -> earlier.setup().call() == call)) {
                call.signal();
            }
        }
    }

    private void endNow(String reason) {
        if (endReason != null) {
            return;
        }
        endReason = reason;
        watch.cancel();
        messageDeadline.cancel();
        firstRequestDeadline.cancel();
        replies.close();
        reader.close();
        socket.close();
        if (!handover.isBusy()) {
            release(reason);
        }
    }

    private void release(String reason) {
        configure(DeviceState.empty(), () -> {
            try {
                state.close();
            } finally {
                device.closed(reason);
                onClosed.run();
            }
        });
    }
}
