package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A device that carries no frames and remembers what it was told; applies states by the given executor. */
final class FakeDevice implements Device {
    static final long FEATURES = Features.VERSION_1 | Features.NET_MRG_RXBUF | Features.INDIRECT_DESC;

    final List<DeviceState> states = new CopyOnWriteArrayList<>();
    final List<String> endReasons = new CopyOnWriteArrayList<>();
    final List<String> refusals = new CopyOnWriteArrayList<>();
    final List<String> heldBack = new CopyOnWriteArrayList<>();
    final List<byte[]> announced = new CopyOnWriteArrayList<>();
    final AtomicInteger opened = new AtomicInteger();
    volatile @Nullable SessionControl session;
    volatile Executor appliedBy = Runnable::run;
    volatile RedoLogs redoLogs = RedoLogs.NOWHERE;
    volatile Runnable onOffer = () -> {};
    volatile Runnable onOpened = () -> {};
    volatile DeviceOffer offer = new DeviceOffer(FEATURES, DeviceOffer.SUPPORTED_PROTOCOL_FEATURES, 2, 9000);

    @Override
    public DeviceOffer offer() {
        onOffer.run();
        return offer;
    }

    @Override
    public RedoLogs redoLogs() {
        return redoLogs;
    }

    @Override
    public void opened(SessionControl control) {
        session = control;
        opened.incrementAndGet();
        onOpened.run();
    }

    @Override
    public void configure(DeviceState state, Runnable applied) {
        appliedBy.execute(() -> {
            for (Virtqueue queue : state.queues()) {
                queue(queue.setup().index())
                        .filter(earlier ->
                                earlier.setup().generation() == queue.setup().generation())
                        .ifPresent(queue::continueFrom);
            }
            states.add(state);
            applied.run();
        });
    }

    @Override
    public void announce(byte[] macAddress) {
        announced.add(macAddress);
    }

    @Override
    public void closed(String reason) {
        endReasons.add(reason);
    }

    @Override
    public void refused(String reason) {
        refusals.add(reason);
    }

    @Override
    public void heldBack(String reason) {
        heldBack.add(reason);
    }

    /** Applies states by this worker from now on, but not before it is let. */
    void applyAfter(CountDownLatch mayApply, ExecutorService worker) {
        appliedBy = task -> {
            var ignored = worker.submit(() -> {
                mayApply.await();
                task.run();
                return null;
            });
        };
    }

    /** Offers packed rings, too. */
    void offerPackedRings() {
        offer = new DeviceOffer(FEATURES | Features.RING_PACKED, DeviceOffer.SUPPORTED_PROTOCOL_FEATURES, 2, 9000);
    }

    /** To be thrown out of the next configuration that a session asks for; later ones succeed. */
    void failOnce(String reason) {
        appliedBy = _task -> {
            appliedBy = Runnable::run;
            throw new IllegalStateException(reason);
        };
    }

    DeviceState state() {
        return states.isEmpty() ? DeviceState.empty() : states.getLast();
    }

    Optional<Virtqueue> queue(int index) {
        return state().queues().stream()
                .filter(queue -> queue.setup().index() == index)
                .findFirst();
    }
}
