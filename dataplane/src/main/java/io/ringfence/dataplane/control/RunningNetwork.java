package io.ringfence.dataplane.control;

import io.ringfence.config.Network;
import io.ringfence.config.Vm;
import io.ringfence.dataplane.port.SendLimit;
import io.ringfence.dataplane.segment.Member;
import io.ringfence.dataplane.segment.Segment;
import io.ringfence.dataplane.worker.WorkerCommand;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A network whose members have workers: who comes and goes is told to all of them, and waited for.
 *
 * <p>Used by one control thread at a time.
 */
final class RunningNetwork {
    private final Segment segment;
    private final List<VmWorker> workers = new ArrayList<>();
    /** Frees what nobody is to know any more. */
    private final List<Runnable> unfreed = new ArrayList<>();

    private Network settings;

    RunningNetwork(Network settings) {
        this.settings = settings;
        segment = new Segment(settings.name(), settings.mtuBytes(), settings.macLimit());
    }

    Network settings() {
        return settings;
    }

    Segment segment() {
        return segment;
    }

    /** Whether no worker of it runs, not even one that was told to end. */
    boolean isEmpty() {
        return workers.isEmpty();
    }

    /** Whether nobody is to be in it any more. */
    boolean isLeft() {
        return workers.stream().allMatch(VmWorker::isStopping);
    }

    /** What each worker of a VM of this network may send at most, an equal part; null for no limit. */
    @Nullable
    SendLimit sendLimit(Vm vm) {
        return vm.limit()
                .map(limit -> new SendLimit(
                        limit.packetsPerSecond().orElse(0) / vm.workers(),
                        limit.bitsPerSecond().orElse(0) / vm.workers(),
                        limit.burstPackets().orElse(0) / vm.workers(),
                        segment.network().maxFrameLength(),
                        System.nanoTime()))
                .orElse(null);
    }

    /** The address of a VM as the packet path has it: its first byte on the wire is the lowest; 0 for any. */
    static long address(Vm vm) {
        return vm.mac().map(mac -> Long.reverseBytes(mac.bits()) >>> 16).orElse(0L);
    }

    /** Takes in the worker of a member that the segment has made and that knows all others; they learn of it later. */
    void add(VmWorker newcomer) {
        workers.add(newcomer);
    }

    /** Gives a VM its address for good. */
    void assign(RunningVm vm) {
        if (address(vm.vm()) != 0) {
            segment.assign(address(vm.vm()), vm.workers().getFirst().member());
        }
    }

    /**
     * Tells all workers who the members are, and waits until they know; what only those who have gone used is freed then, unless
     * a worker that was told to end has not yet: it may use that still.
     *
     * @throws IllegalStateException if a worker does not answer
     */
    void announce() {
        Map<VmWorker, CompletableFuture<?>> answers = new HashMap<>();
        for (VmWorker worker : workers) {
            if (!worker.isStopping()) {
                CompletableFuture<?> known = new CompletableFuture<>();
                answers.put(worker, known);
                worker.submit(new WorkerCommand.Join(
                        segment.network(), segment.peers(worker.member().index()), () -> known.complete(null)));
            }
        }
        answers.forEach(VmWorker::await);
        if (answers.size() == workers.size()) {
            unfreed.forEach(Runnable::run);
            unfreed.clear();
            segment.free();
        }
    }

    /**
     * Lets members go whose workers have ended or never began, and has everybody forget them.
     *
     * @param free frees what they used, once no other worker knows them; that may be on a later call
     * @throws IllegalStateException if a worker does not answer
     */
    void remove(Collection<Member> members, Runnable free) {
        workers.removeIf(worker -> members.contains(worker.member()));
        members.forEach(segment::remove);
        unfreed.add(() -> members.forEach(Member::close));
        unfreed.add(free);
        announce();
    }

    /** Puts other settings into force, but for the MTU, which is part of what guests were told. */
    void retune(Network next) {
        settings = next;
        segment.limitAddresses(next.macLimit());
        announce();
    }
}
