package io.ringfence.dataplane.worker;

import io.ringfence.dataplane.delivery.Peers;
import io.ringfence.dataplane.network.Network;
import io.ringfence.dataplane.port.SendLimit;
import io.ringfence.scheduler.Reservation;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.vhostuser.backend.DeviceState;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the control plane asks a worker to do; done between two visits. */
public sealed interface WorkerCommand {
    /** What takes the claim on the VM's receive side: to be tried again as long as somebody else holds that. */
    sealed interface UnderClaim extends WorkerCommand permits Configure, Join {
        /** Run on the control thread when it is done. */
        Runnable acknowledgement();
    }

    /**
     * Makes the VM's queues those of this state.
     *
     * @param acknowledgement run on the control thread once no worker uses anything of an earlier state
     */
    record Configure(DeviceState state, Runnable acknowledgement) implements UnderClaim {}

    /**
     * Keeps to this reservation from now on; the kernel has admitted it.
     *
     * @param paceNanos how long to sleep between two visits under load
     * @param paceBinding whether a guarantee rests on that pace; else it may become longer when waking spends the budget
     */
    record Meter(Reservation reservation, long paceNanos, boolean paceBinding) implements WorkerCommand {}

    /**
     * Gives the reservation back: the default policy from now on, and no metering. By the worker itself, for the kernel
     * does not release the bandwidth of a thread that sleeps meanwhile.
     *
     * @param begin asked before; if false, it is not wanted any more, and nothing is done
     * @param released run on the control thread
     * @param refused run there instead if the kernel refuses; the worker keeps its reservation and its meter then
     */
    record Release(BooleanSupplier begin, Runnable released, Consumer<SchedulingRefusedException> refused)
            implements WorkerCommand {}

    /**
     * Says that the worker is awake and runs where it was put.
     *
     * @param answered run on the control thread
     */
    record Answer(Runnable answered) implements WorkerCommand {}

    /**
     * Knows these other members of the network from now on, and no longer those before.
     *
     * @param acknowledgement run on the control thread; what only the members before name can then be freed, as far as this worker
     *     is concerned
     */
    record Join(Network network, Peers peers, Runnable acknowledgement) implements UnderClaim {}

    /** Replaces what the VM may send at most; null for no limit. */
    record Limit(@Nullable SendLimit sendLimit) implements WorkerCommand {}

    /** Ends the thread; the queues must have been taken away before. */
    record Stop() implements WorkerCommand {}
}
