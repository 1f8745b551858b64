package io.ringfence.dataplane.segment;

import io.ringfence.dataplane.delivery.Doorbell;
import io.ringfence.dataplane.delivery.ReceiveSide;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.vhostuser.event.EventSet;

/**
 * One worker's parts in its network, put together.
 *
 * @param port its packet work
 * @param receive what other members see of it
 * @param doorbell wakes its worker
 * @param events what its worker blocks on; holds the doorbell
 * @param tally its worker's own counts
 */
public record Member(GuestPort port, ReceiveSide receive, Doorbell doorbell, EventSet events, Tally tally)
        implements AutoCloseable {

    /** Its place in its network. */
    public int index() {
        return receive.member();
    }

    /** By what the network knows the VM that it works for: the place of that VM's first worker. */
    public int vm() {
        return receive.vm();
    }

    /** When no other member knows it and its worker has ended. */
    @Override
    public void close() {
        events.close();
        doorbell.close();
    }
}
