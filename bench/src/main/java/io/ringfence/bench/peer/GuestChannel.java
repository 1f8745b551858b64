package io.ringfence.bench.peer;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The serial line over which the guest's init takes commands; what is sent is described there. */
final class GuestChannel implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("ready ([0-9a-f-]{36})\r?\n");
    private static final Duration CONNECT_PAUSE = Duration.ofMillis(50);
    private static final Duration ANSWER_SLACK = Duration.ofSeconds(15);

    private final PeerProcess guest;
    private final Path path;
    private final StringBuilder received = new StringBuilder();
    private @Nullable SocketChannel socket;
    private @Nullable Selector readable;
    private int lastId;

    GuestChannel(PeerProcess guest, Path path) {
        this.guest = guest;
        this.path = path;
    }

    /** Waits for a boot other than the given one and returns its id. */
    String awaitReady(String previousBootId, Duration limit) {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        while (true) {
            String bootId = await(READY, "be ready", deadlineNanos).group(1);
            if (!bootId.equals(previousBootId)) {
                return bootId;
            }
        }
    }

    /** Sends a script and does not wait for its end. */
    String send(String script, Duration limit) {
        String id = "c" + ++lastId;
        byte[] bytes = script.getBytes(StandardCharsets.UTF_8);
        write("%s %d %s\n".formatted(id, limit.toSeconds(), Base64.getEncoder().encodeToString(bytes)));
        return id;
    }

    CommandResult run(String script, Duration limit) {
        String id = send(script, limit);
        var answer = Pattern.compile("begin " + id + "\r?\n([A-Za-z0-9+/=\r\n]*?)end " + id + " (\\d+)\r?\n");
        long deadlineNanos = System.nanoTime() + limit.plus(ANSWER_SLACK).toNanos();
        MatchResult match = await(answer, "answer to \"%s\"".formatted(script), deadlineNanos);
        byte[] output = Base64.getMimeDecoder().decode(match.group(1));
        return new CommandResult(Integer.parseInt(match.group(2)), new String(output, StandardCharsets.UTF_8));
    }

    private MatchResult await(Pattern pattern, String what, long deadlineNanos) {
        while (true) {
            var matcher = pattern.matcher(received);
            if (matcher.find()) {
                MatchResult match = matcher.toMatchResult();
                received.delete(0, match.end());
                return match;
            }
            if (!guest.isAlive()) {
                throw guest.failure("did not " + what);
            }
            long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (leftMillis <= 0) {
                throw guest.failure("did not %s in time; its command channel holds \"%s\"".formatted(what, received));
            }
            receive(Math.min(leftMillis, 1000));
        }
    }

    private void receive(long limitMillis) {
        try {
            var selector = connected(limitMillis);
            if (selector == null || selector.select(limitMillis) == 0) {
                return;
            }
            selector.selectedKeys().clear();
            var buffer = ByteBuffer.allocate(8192);
            if (channel().read(buffer) > 0) {
                received.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
            }
        } catch (IOException e) {
            throw guest.failure("lost its command channel", e);
        }
    }

    /** QEMU makes the socket when it starts, which is before the guest boots, but after us. */
    private @Nullable Selector connected(long limitMillis) throws IOException {
        if (readable != null) {
            return readable;
        }
        try {
            var channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
            channel.configureBlocking(false);
            var selector = Selector.open();
            channel.register(selector, SelectionKey.OP_READ);
            socket = channel;
            readable = selector;
            return selector;
        } catch (IOException e) {
            try {
                guest.awaitExitFor(Duration.ofMillis(Math.min(limitMillis, CONNECT_PAUSE.toMillis())));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new PeerException("Interrupted while waiting for a guest", interrupted);
            }
            return null;
        }
    }

    private SocketChannel channel() {
        if (socket == null) {
            throw guest.failure("was given a command before it was ready");
        }
        return socket;
    }

    private void write(String line) {
        var bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII));
        try {
            while (bytes.hasRemaining()) {
                channel().write(bytes);
            }
        } catch (IOException e) {
            throw guest.failure("did not take a command", e);
        }
    }

    @Override
    public void close() {
        try {
            if (readable != null) {
                readable.close();
            }
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            throw new PeerException("The command channel of a guest cannot be closed", e);
        }
    }
}
