package io.ringfence.dataplane.control;

import java.util.ArrayList;
import java.util.List;

/**
 * VMs that are no more, but for a session or a worker that did not end in time. They keep what they use, for memory is not pulled
 * from under a thread: members, handoffs, counters, and the control plane's inbox, to which a worker may still write.
 *
 * <p>Used by one control thread at a time.
 */
final class Stragglers {
    private final List<Straggler> stragglers = new ArrayList<>();

    /** One of them, with the network that it was in: another one may have that name by now. */
    record Straggler(RunningVm vm, RunningNetwork network) {}

    void add(RunningVm vm, RunningNetwork network) {
        stragglers.add(new Straggler(vm, network));
    }

    /** Whether a VM that was called so has a session still. */
    boolean haveSessionOf(String name) {
        return stragglers.stream()
                .anyMatch(straggler ->
                        straggler.vm().name().equals(name) && !straggler.vm().hasSessionEnded());
    }

    /** Whether all have ended meanwhile. */
    boolean haveEnded() {
        return stragglers.stream().allMatch(straggler -> straggler.vm().hasEnded());
    }

    /** Lets go of those that have ended meanwhile: what they used may be freed. */
    List<Straggler> removeEnded() {
        List<Straggler> ended = stragglers.stream()
                .filter(straggler -> straggler.vm().hasEnded() && straggler.vm().awaitEnd() == null)
                .toList();
        stragglers.removeAll(ended);
        return ended;
    }
}
