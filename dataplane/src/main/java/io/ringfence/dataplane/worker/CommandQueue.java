package io.ringfence.dataplane.worker;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * What the control plane and a worker have to say to each other. Nothing is lost when a fault strikes the worker or the control
 * thread is held up: a command stays in hand until whoever executes it says {@link #done}, and what finds no room in the inbox is
 * kept.
 *
 * <p>Any thread submits and announces; all else is the worker's.
 */
final class CommandQueue {
    /**
     * Never filled: a session waits for the one Configure that it has given, and the control thread for all else but a Meter and a
     * Limit of each reload. What front-ends can ask for without waiting is {@link #announce}.
     */
    private static final int COMMANDS = 64;

    private final ManyToOneConcurrentArrayQueue<WorkerCommand> commands = new ManyToOneConcurrentArrayQueue<>(COMMANDS);
    /** The newest that has not been sent: one a round, for each goes to all other VMs. */
    private final AtomicReference<@Nullable MemorySegment> announcement = new AtomicReference<>();

    private final ControlInbox inbox;
    /** What found the inbox full. As short as the commands and faults that cause it, for those wait for answers. */
    private final ArrayDeque<Runnable> unposted = new ArrayDeque<>();

    private @Nullable WorkerCommand inHand;

    CommandQueue(ControlInbox inbox) {
        this.inbox = inbox;
    }

    /** Adds a command; false if too many wait already. */
    boolean submit(WorkerCommand command) {
        return commands.offer(command);
    }

    /** Has an announcement of where the VM is sent, in place of one that is not sent yet. */
    void announce(MemorySegment frame) {
        announcement.set(frame);
    }

    /** The command in hand, or else the next, which is in hand then; null if there is none. */
    @Nullable
    WorkerCommand next() {
        if (inHand == null) {
            inHand = commands.poll();
        }
        return inHand;
    }

    /** Notes that nothing remains to be done for the command in hand. */
    void done() {
        inHand = null;
    }

    /** The announcement that is to be sent, which is forgotten here; null if there is none. */
    @Nullable
    MemorySegment takeAnnouncement() {
        return announcement.get() == null ? null : announcement.getAndSet(null);
    }

    /** Whether there is something to do before the worker may block. */
    boolean isPending() {
        return inHand != null || !commands.isEmpty() || announcement.get() != null;
    }

    /** Whether a command waits for a claim, which nobody rings for. */
    boolean isHeldUp() {
        return inHand != null;
    }

    /** Leaves a task for the control thread. Nothing may be lost (a session waits for its acknowledgement) and nothing overtake. */
    void post(Runnable task) {
        if (!unposted.isEmpty() || !inbox.post(task)) {
            unposted.add(task);
        }
    }

    /** Leaves what there was no room for. */
    void postKept() {
        while (!unposted.isEmpty() && inbox.post(unposted.element())) {
            unposted.remove();
        }
    }

    /** Whether there is something that nobody will ring for when there is room. */
    boolean keepsPosts() {
        return !unposted.isEmpty();
    }
}
