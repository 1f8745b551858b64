package io.ringfence.scheduler.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * What the kernel's SCHED_DEADLINE server of one thread has left: {@code dl.runtime} of {@code /proc/thread-self/sched}, where
 * the kernel shows what it last accounted for.
 *
 * <p>Reading takes some 6 us of CPU time, for the kernel writes all of the file; sched_getattr(2) does not tell it on Linux 6.18.
 * Opened and used by the thread itself; reading allocates nothing.
 */
public final class OwnServer implements AutoCloseable {
    /** What is returned if the file does not tell. */
    public static final long UNKNOWN = Long.MIN_VALUE;

    private static final int TEXT_LENGTH_BYTES = 4096;

    private final byte[] key;
    private final MemorySegment text = Arena.ofAuto().allocate(TEXT_LENGTH_BYTES);
    private final int fd = ThreadCalls.openReadOnly("/proc/thread-self/sched");
    /** Where the line began the last time; lines rarely move. */
    private int at;
    /** What is put behind the key, where a blank is; and how it changes each time, without a branch. */
    private byte blank = ' ';

    private final int toggle;

    /** Opens the file of the calling thread. */
    public OwnServer() {
        this("dl.runtime", 0);
    }

    private OwnServer(String field, int toggle) {
        this.toggle = toggle;
        key = ("\n" + field).getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * One that reads another number, which threads of any policy have: what is called rarely is interpreted, and then takes 50 to
     * 200 us; this is for having it compiled before. Every other time it finds a minus before its number: what is overdrawn is rarer still,
     * and a branch that was never taken is not compiled.
     */
    public static OwnServer rehearsed() {
        return new OwnServer("policy", ' ' ^ '-');
    }

    /** The runtime left in ns, negative when overdrawn; {@link #UNKNOWN} if this kernel or the thread's policy has none. */
    public long runtimeLeftNanos() {
        if (fd < 0) {
            return UNKNOWN;
        }
        int length = ThreadCalls.read(fd, text, TEXT_LENGTH_BYTES, 0);
        if (!keyAt(at, length)) {
            at = 0;
            while (at < length && !keyAt(at, length)) {
                at++;
            }
        }
        int from = at + key.length;
        if (from >= length) {
            return UNKNOWN;
        }
        text.set(JAVA_BYTE, from, blank);
        blank = (byte) (blank ^ toggle);
        return number(from, length);
    }

    private boolean keyAt(int from, int length) {
        if (from + key.length >= length) {
            return false;
        }
        for (int i = 0; i < key.length; i++) {
            if (text.get(JAVA_BYTE, from + i) != key[i]) {
                return false;
            }
        }
        return true;
    }

    /** The number of this line, behind blanks and a colon. */
    private long number(int from, int length) {
        boolean negative = false;
        boolean any = false;
        long value = 0;
        for (int i = from; i < length; i++) {
            byte sign = text.get(JAVA_BYTE, i);
            if (sign >= '0' && sign <= '9') {
                value = value * 10 + sign - '0';
                any = true;
            } else if (sign == '-') {
                negative = true;
            } else if (sign == '\n') {
                break;
            }
        }
        return any ? (negative ? -value : value) : UNKNOWN;
    }

    @Override
    public void close() {
        if (fd >= 0) {
            ThreadCalls.close(fd);
        }
    }
}
