package io.ringfence.bench.peer;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The serial line over which the guest's init takes commands; what is sent is described there. */
final class GuestChannel implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("ready ([0-9a-f-]{36})\r?\n");
    private static final Duration CONNECT_PAUSE = Duration.ofMillis(20);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(20);
    private static final Duration ANSWER_SLACK = Duration.ofSeconds(15);
    /** A line that lost its end is no line: the guest says nothing then. */
    private static final Duration TAKEN_LIMIT = Duration.ofSeconds(5);

    private static final Duration GARBLED_PAUSE = Duration.ofMillis(200);

    private static final int TRIES = 5;

    private final PeerProcess guest;
    private final SocketChannel socket;
    private final Selector readable;
    private final StringBuilder received = new StringBuilder();
    private int lastId;

    private GuestChannel(PeerProcess guest, SocketChannel socket, Selector readable) {
        this.guest = guest;
        this.socket = socket;
        this.readable = readable;
    }

    /**
     * Connects to the socket that QEMU makes when it starts.
     *
     * <p>To be called before the guest can have booted: QEMU throws away what the guest says while nobody is connected.
     */
    static GuestChannel connect(PeerProcess guest, Path path) {
        long deadlineNanos = System.nanoTime() + CONNECT_LIMIT.toNanos();
        while (true) {
            try {
                var socket = SocketChannel.open(UnixDomainSocketAddress.of(path));
                socket.configureBlocking(false);
                var readable = Selector.open();
                socket.register(readable, SelectionKey.OP_READ);
                return new GuestChannel(guest, socket, readable);
            } catch (IOException e) {
                if (!guest.isAlive() || System.nanoTime() > deadlineNanos) {
                    throw guest.failure("did not open its command channel " + path, e);
                }
                LockSupport.parkNanos(CONNECT_PAUSE.toNanos());
            }
        }
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

    /** Sends a script, as often as it takes until the guest has it whole, and does not wait for its end. */
    String send(String script, Duration limit) {
        String id = "c" + ++lastId;
        byte[] bytes = script.getBytes(StandardCharsets.UTF_8);
        String command =
                "%s %d %s".formatted(id, limit.toSeconds(), Base64.getEncoder().encodeToString(bytes));
        String line = command + " " + md5(command) + "\n";
        var taken = Pattern.compile("taken " + id + "\r?\n|garbled\r?\n");
        for (int i = 0; i < TRIES; i++) {
            write(i == 0 ? line : "\n" + line); // after what may be left of the try before
            Optional<MatchResult> said = find(taken, "take a command", System.nanoTime() + TAKEN_LIMIT.toNanos());
            while (said.isPresent()) {
                if (said.get().group().startsWith("taken")) {
                    return id;
                }
                // What follows may be the answer to the same line: the guest reads on at the next end of a line.
                said = find(taken, "take a command", System.nanoTime() + GARBLED_PAUSE.toNanos());
            }
        }
        throw guest.failure(
                "did not take a command in %d tries; its command channel holds \"%s\"".formatted(TRIES, received));
    }

    private static String md5(String text) {
        try {
            byte[] sum = MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(sum);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
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
        return find(pattern, what, deadlineNanos)
                .orElseThrow(() -> guest.failure(
                        "did not %s in time; its command channel holds \"%s\"".formatted(what, received)));
    }

    private Optional<MatchResult> find(Pattern pattern, String what, long deadlineNanos) {
        while (true) {
            var matcher = pattern.matcher(received);
            if (matcher.find()) {
                MatchResult match = matcher.toMatchResult();
                received.delete(0, match.end());
                return Optional.of(match);
            }
            if (!guest.isAlive()) {
                throw guest.failure("did not " + what);
            }
            long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (leftMillis <= 0) {
                return Optional.empty();
            }
            receive(Math.min(leftMillis, 1000));
        }
    }

    private void receive(long limitMillis) {
        try {
            if (readable.select(limitMillis) == 0) {
                return;
            }
            readable.selectedKeys().clear();
            var buffer = ByteBuffer.allocate(8192);
            if (socket.read(buffer) < 0) {
                guest.awaitExit(ANSWER_SLACK);
                throw guest.failure("closed its command channel");
            }
            received.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
        } catch (IOException e) {
            throw guest.failure("lost its command channel", e);
        }
    }

    private void write(String line) {
        var bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII));
        try {
            while (bytes.hasRemaining()) {
                socket.write(bytes);
            }
        } catch (IOException e) {
            throw guest.failure("did not take a command", e);
        }
    }

    @Override
    public void close() {
        try (socket;
                readable) {
            received.setLength(0);
        } catch (IOException e) {
            throw new PeerException("The command channel of a guest cannot be closed", e);
        }
    }
}
