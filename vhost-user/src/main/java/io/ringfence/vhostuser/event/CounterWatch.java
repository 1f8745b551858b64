package io.ringfence.vhostuser.event;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.ringfence.vhostuser.linux.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Frees threads that a peer has made block in {@link EventFd#signal}: the one thread that looks at all eventfds shared
 * with a peer.
 *
 * <p>O_NONBLOCK belongs to the open file, so that the peer can clear it at any time and then fill the counter
 * (eventfd(2)); no write avoids that, because eventfds refuse RWF_NOWAIT for writes. A full counter is no accident: that
 * would be 2^64 - 2 signals. So a full one is muted, its owner is told, and its counter is emptied as often as it is
 * found full, until it is closed.
 */
final class CounterWatch {
    private static final CounterWatch INSTANCE = new CounterWatch();

    // At random within a few milliseconds: a peer that knew when could make its counter look harmless just then.
    private static final long MIN_INTERVAL_NANOS = 2_000_000;
    private static final long MAX_INTERVAL_NANOS = 8_000_000;
    /** Of one full counter at each look: a peer that fills it again and again loses the race with the blocked thread soon. */
    private static final int READS = 1000;

    private static final int POLLFD_LENGTH_BYTES = 8; // struct pollfd: int fd; short events, revents
    private static final int POLLFD_EVENTS_OFFSET = 4;
    private static final int POLLFD_RESULT_OFFSET = 6;
    private static final short POLLOUT = 4;
    private static final int RWF_NOWAIT = 8;

    private final List<EventFd> watched = new ArrayList<>();
    private final MemorySegment counter = Arena.global().allocate(JAVA_LONG);
    private final MemorySegment vector = Arena.global().allocate(16, 8); // struct iovec: base, length
    private MemorySegment descriptors = MemorySegment.NULL;
    private final Thread thread =
            Thread.ofPlatform().name("vhost-user-signals").daemon().unstarted(this::run);

    private CounterWatch() {
        vector.set(JAVA_LONG, 0, counter.address());
        vector.set(JAVA_LONG, 8, counter.byteSize());
    }

    /** Looks at this eventfd from now on. */
    static void add(EventFd event) {
        INSTANCE.begin(event);
    }

    /** Uses this eventfd's descriptor no more, once it returns: it may be closed, and its number used for something else. */
    static void remove(EventFd event) {
        INSTANCE.end(event);
    }

    private synchronized void begin(EventFd event) {
        watched.add(event);
        list();
        if (thread.getState() == Thread.State.NEW) {
            thread.start();
        }
        LockSupport.unpark(thread);
    }

    private synchronized void end(EventFd event) {
        watched.remove(event);
        list();
    }

    private void list() {
        long lengthBytes = (long) POLLFD_LENGTH_BYTES * watched.size();
        if (descriptors.byteSize() < lengthBytes) {
            // With room for more: what is given up is free only when the collector comes by, and a peer could ask for
            // that often.
            descriptors = Arena.ofAuto().allocate(2 * lengthBytes, 8);
        }
        for (int i = 0; i < watched.size(); i++) {
            long at = (long) POLLFD_LENGTH_BYTES * i;
            descriptors.set(JAVA_INT, at, watched.get(i).fd());
            descriptors.set(JAVA_SHORT, at + POLLFD_EVENTS_OFFSET, POLLOUT);
        }
    }

    private void run() {
        while (true) {
            look().forEach(EventFd::tellFull);
            if (nothingToDo()) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(
                        this, ThreadLocalRandom.current().nextLong(MIN_INTERVAL_NANOS, MAX_INTERVAL_NANOS));
            }
        }
    }

    private synchronized boolean nothingToDo() {
        return watched.isEmpty();
    }

    /** Those that were found full for the first time. The lock keeps all of them open meanwhile; nothing here blocks. */
    private synchronized List<EventFd> look() {
        List<EventFd> full = full();
        if (full.isEmpty()) {
            return full; // as good as always, so nothing is allocated
        }
        // All of them before any is emptied: nobody else is to begin to wait for one while others have their turn.
        List<EventFd> found = full.stream().filter(EventFd::mute).toList();
        empty(full);
        return found;
    }

    private List<EventFd> full() {
        if (Libc.poll(descriptors.address(), watched.size(), 0) < 0) {
            return List.of(); // nothing is known of any; the next look tells
        }
        List<EventFd> full = List.of();
        for (int i = 0; i < watched.size(); i++) {
            short result = descriptors.get(JAVA_SHORT, (long) POLLFD_LENGTH_BYTES * i + POLLFD_RESULT_OFFSET);
            if ((result & POLLOUT) == 0) {
                full = full.isEmpty() ? new ArrayList<>() : full;
                full.add(watched.get(i));
            }
        }
        return full;
    }

    /** In turns, so that nobody's thread waits for the reads of another's counter. */
    private void empty(List<EventFd> full) {
        for (int i = 0; i < READS; i++) {
            for (EventFd each : full) {
                Libc.preadv2(each.fd(), vector.address(), 1, -1, RWF_NOWAIT);
            }
        }
    }
}
