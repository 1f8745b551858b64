package io.ringfence.vhostuser.backend;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.linux.UnixSocket;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.MessageCodec;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.ProtocolFeatures;
import io.ringfence.vhostuser.protocol.ProtocolViolation;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One front-end connection, from accept to close (vhost-user.rst, "Communication").
 *
 * <p>A request is read, handled and, if it changed what the device is to look like, given to the device as a whole new
 * state. Until the device has taken that on, nothing more is read; other sessions of the same thread go on. A session
 * ends once, with one reason: the device gets the empty state, then everything is unmapped and closed.
 *
 * <p>All methods but {@link #end} run on the event loop's thread.
 */
final class Session implements SessionControl {
    /** Requests served before other sessions of the thread get their turn. */
    private static final int MAX_REQUESTS_PER_TURN = 16;

    private final IoEventLoop loop;
    private final UnixSocket socket;
    private final Device device;
    private final SessionLimits limits;
    private final Runnable onClosed;
    private final SessionState state;
    private final RequestTable table = new RequestTable();
    private final MessageReader reader;
    private final Watch watch;

    private DeviceState handedOver = DeviceState.empty();
    private boolean deviceIsBusy;
    private @Nullable ByteBuffer unsentReply;
    private @Nullable ScheduledFuture<?> messageDeadline;
    private @Nullable ScheduledFuture<?> replyDeadline;
    private @Nullable String endReason;
    private boolean servedRequests;

    private Session(IoEventLoop loop, UnixSocket socket, Device device, SessionLimits limits, Runnable onClosed) {
        this.loop = loop;
        this.socket = socket;
        this.device = device;
        this.limits = limits;
        this.onClosed = onClosed;
        this.state = new SessionState(device.offer(), device.redoLogs());
        this.reader = new MessageReader(socket);
        this.watch = new Watch(loop, socket.fd(), this::onReady);
        FeatureRequests.register(table, state);
        MemoryRequests.register(table, state);
        VringRequests.register(table, state, this);
        DeviceRequests.register(table, state, device);
    }

    /**
     * Serves a connection, which it owns from now on, and closes if it throws.
     *
     * @param onClosed runs, later, when nothing of the session is left
     */
    static Session start(IoEventLoop loop, UnixSocket socket, Device device, SessionLimits limits, Runnable onClosed) {
        Session session;
        try {
            session = new Session(loop, socket, device, limits, onClosed);
        } catch (RuntimeException | Error e) {
            socket.close();
            throw e;
        }
        session.guarded(() -> {
            device.opened(session);
            session.watch.waitToRead();
        });
        return session;
    }

    /** Whether the session is over or about to be, because its front-end is gone. */
    boolean endsSoon() {
        return endReason != null || socket.peerClosed();
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
        if (deviceIsBusy) {
            // Nothing was asked for, so that it can only be the end of the connection.
            if (socket.peerClosed()) {
                endNow("front-end closed the connection while its last request was being applied");
            }
            return;
        }
        guarded(() -> {
            if (unsentReply == null || flush(unsentReply)) {
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
            MessageReader.Received received = reader.read();
            if (received == null) {
                break;
            }
            messageDeadline = cancel(messageDeadline);
            boolean left;
            try (var descriptors = received.descriptors()) {
                serve(received.message(), table.handle(requireAcknowledgeable(received.message()), descriptors, state));
                left = descriptors.count() > 0;
            }
            if (left) {
                socket.closes().requireFewOpen();
            }
            if (deviceIsBusy || unsentReply != null || endReason != null) {
                return;
            }
        }
        if (reader.begun() && messageDeadline == null) {
            messageDeadline = schedule(
                    limits.message(),
                    "front-end sent only a part of a message, expected its end within " + limits.message());
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
        DeviceState next = state.deviceState();
        if (next.equals(handedOver)) {
            state.closeRetired();
            answer(message, answer);
            return;
        }
        DeviceState before = handedOver;
        watch.waitForNothing();
        configure(next, () -> {
            if (endReason != null) {
                release(endReason);
                return;
            }
            callNewQueues(before, next);
            state.closeRetired();
            answer(message, answer);
            if (unsentReply == null) {
                watch.waitToRead();
            }
        });
    }

    /** Hands a state to the device and goes on, on the loop's thread, when the device has taken it on. */
    private void configure(DeviceState next, Step then) {
        handedOver = next;
        deviceIsBusy = true;
        AtomicBoolean applied = new AtomicBoolean();
        try {
            device.configure(next, () -> {
                if (applied.compareAndSet(false, true)) {
                    try {
                        loop.execute(() -> {
                            deviceIsBusy = false;
                            guarded(then);
                        });
                    } catch (RejectedExecutionException e) {
                        // The event loop has been closed, and all sessions with it.
                    }
                }
            });
        } catch (RuntimeException | Error e) {
            // Nobody else will say that the device is through with it, and so the session could not end.
            if (applied.compareAndSet(false, true)) {
                deviceIsBusy = false;
            }
            throw e;
        }
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

    private void answer(Message request, Answer answer) throws IOException, ProtocolViolation {
        switch (answer) {
            case Answer.Done done -> {
                done.afterwards().run();
                acknowledge(request, 0);
            }
            case Answer.Refused refused -> {
                if (!request.needReply()) {
                    throw new ProtocolViolation(refused.reason());
                }
                acknowledge(request, 1);
            }
            case Answer.Reply reply ->
                send(Message.reply(request.request(), reply.payload().get()));
        }
    }

    private void acknowledge(Message request, long result) throws IOException {
        if (request.needReply()) {
            send(Message.reply(request.request(), new U64(result)));
        }
    }

    private void send(Message reply) throws IOException {
        flush(MessageCodec.encode(reply));
    }

    /** Sends what is left of a reply; until all is sent, no further request is read. */
    private boolean flush(ByteBuffer reply) throws IOException {
        try {
            socket.send(reply);
        } catch (IOException e) {
            throw socket.peerClosed() ? new IOException("front-end closed the connection before its reply", e) : e;
        }
        if (!reply.hasRemaining()) {
            if (unsentReply != null) {
                unsentReply = null;
                replyDeadline = cancel(replyDeadline);
                watch.waitToRead();
            }
            return true;
        }
        if (unsentReply == null) {
            unsentReply = reply;
            replyDeadline = schedule(
                    limits.reply(), "front-end did not read its replies, expected it within " + limits.reply());
            watch.waitToWrite();
        }
        return false;
    }

    private ScheduledFuture<?> schedule(Duration limit, String reason) {
        return loop.schedule(() -> endNow(reason), limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static @Nullable ScheduledFuture<?> cancel(@Nullable ScheduledFuture<?> deadline) {
        if (deadline != null) {
            deadline.cancel(false);
        }
        return null;
    }

    private void endNow(String reason) {
        if (endReason != null) {
            return;
        }
        endReason = reason;
        watch.cancel();
        messageDeadline = cancel(messageDeadline);
        replyDeadline = cancel(replyDeadline);
        reader.close();
        socket.close();
        if (!deviceIsBusy) {
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
