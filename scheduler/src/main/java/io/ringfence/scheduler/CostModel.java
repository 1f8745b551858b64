package io.ringfence.scheduler;

import java.util.function.ToDoubleFunction;

/**
 * What packet work costs a worker on one host, in CPU time of its thread. Only numbers: who measures them, under which
 * circumstances, and where they are kept is not known here.
 *
 * <p>The cost of a visit that takes n frames is {@code perVisit + n * (perFrame + descriptors * perDescriptor + bytes *
 * perByte)}, and {@code n * perChain} more if they stand in several descriptors each; apart for what the VM transmits and
 * for what it takes in from its own backlog. A wake-up comes on top.
 *
 * @param transmit a worker that takes its VM's frames and delivers them
 * @param receive a worker that drains its own backlog, frames that others have handed off to its VM
 * @param wakeUp what it costs to have slept
 */
public record CostModel(Side transmit, Side receive, WakeUp wakeUp) {
    /**
     * Costs of one side.
     *
     * @param perFrame what every frame costs, however short
     * @param perChain what a frame in more than one descriptor adds, besides those: it is read and copied in pieces
     * @param perDescriptor what each descriptor of a frame adds
     * @param perByte what each byte of a frame adds
     * @param perVisit what a visit costs, however many frames it takes: commands, looks at the rings, publishing, the call
     */
    public record Side(
            CostDistribution perFrame,
            CostDistribution perChain,
            CostDistribution perDescriptor,
            CostDistribution perByte,
            CostDistribution perVisit) {

        /**
         * What one frame costs, without its visit, in nanoseconds.
         *
         * @param percentile which one of each cost, such as {@code CostDistribution::p99Nanos}
         */
        public double frameNanos(FrameShape frame, ToDoubleFunction<CostDistribution> percentile) {
            return percentile.applyAsDouble(perFrame)
                    + (frame.descriptors() > 1 ? percentile.applyAsDouble(perChain) : 0)
                    + frame.descriptors() * percentile.applyAsDouble(perDescriptor)
                    + frame.lengthBytes() * percentile.applyAsDouble(perByte);
        }
    }

    /**
     * What it costs a worker's thread to sleep once, from the decision to the next visit, without the visit.
     *
     * @param blocked arm the notifications, block in the kernel, be kicked, wake
     * @param paced sleep natively for a set time
     */
    public record WakeUp(CostDistribution blocked, CostDistribution paced) {}
}
