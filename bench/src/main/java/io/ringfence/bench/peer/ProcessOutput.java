package io.ringfence.bench.peer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a child process has printed so far, standard output and standard error together.
 *
 * <p>A thread of its own reads it all the time, so that the process never waits for a full pipe. Any thread may look at the text or
 * wait for more of it; the text is its own lock.
 */
final class ProcessOutput {
    private final InputStream pipe;
    private final Thread reader;
    private final StringBuilder text = new StringBuilder();
    private boolean ended;

    /** @param name of the process */
    ProcessOutput(String name, InputStream pipe) {
        this.pipe = pipe;
        reader = Thread.ofPlatform().daemon().name(name + " output").unstarted(this::read);
    }

    void startReading() {
        reader.start();
    }

    private void read() {
        var bytes = new byte[8192];
        try (pipe) {
            for (int n = pipe.read(bytes); n >= 0; n = pipe.read(bytes)) {
                synchronized (text) {
                    text.append(new String(bytes, 0, n, StandardCharsets.ISO_8859_1));
                    text.notifyAll();
                }
            }
        } catch (IOException e) {
            // The pipe was closed under the reader: the process has ended, which is what the waiters are told.
        } finally {
            synchronized (text) {
                ended = true;
                text.notifyAll();
            }
        }
    }

    /** How much has been read so far; what comes later is newer than this call. */
    int length() {
        synchronized (text) {
            return text.length();
        }
    }

    /** What has been read from the given position on. */
    String from(int position) {
        synchronized (text) {
            return text.substring(position);
        }
    }

    /** The last lines, for a message. */
    String tail(int count) {
        String[] lines = from(0).split("\n", -1);
        int first = Math.max(0, lines.length - count);
        return "  | " + String.join("\n  | ", List.of(lines).subList(first, lines.length));
    }

    /**
     * Waits until the pattern is found at or after the given position.
     *
     * @return null if the output ends without it
     * @throws TimeoutException if neither is so within the limit
     */
    @Nullable
    MatchResult await(Pattern pattern, int position, Duration limit) throws TimeoutException, InterruptedException {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        synchronized (text) {
            while (true) {
                Matcher matcher = pattern.matcher(text).region(position, text.length());
                if (matcher.find()) {
                    return matcher.toMatchResult();
                }
                if (ended) {
                    return null;
                }
                long leftNanos = deadlineNanos - System.nanoTime();
                if (leftNanos <= 0) {
                    throw new TimeoutException();
                }
                TimeUnit.NANOSECONDS.timedWait(text, leftNanos);
            }
        }
    }

    /** Waits until all of the output has been read, or the limit is over. */
    void awaitEnd(Duration limit) throws InterruptedException {
        reader.join(limit.toMillis());
    }
}
