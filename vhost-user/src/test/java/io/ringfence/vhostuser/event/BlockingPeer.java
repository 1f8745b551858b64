package io.ringfence.vhostuser.event;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import io.ringfence.vhostuser.linux.Libc;

/** What a hostile peer does with an eventfd that it shared, so that who signals it blocks. */
public final class BlockingPeer {
    private static final int F_SETFL = 4;
    private static final int O_NONBLOCK = 0x800;
    private static final Memory FULL = new Memory(8);
    private static final Function WRITE = Function.getFunction("c", "write");

    static {
        FULL.setLong(0, -2);
    }

    private BlockingPeer() {}

    /** Makes everybody who signals block. */
    public static void blockSignals(EventFd event) {
        nonBlocking(event, true);
        event.drain();
        fill(event);
        nonBlocking(event, false);
    }

    /** For writes that begin from now on. */
    static void nonBlocking(EventFd event, boolean nonBlocking) {
        Libc.check("fcntl(F_SETFL)", Libc.fcntl(event.fd(), F_SETFL, nonBlocking ? O_NONBLOCK : 0));
    }

    /** Fills a counter of 0. */
    static void fill(EventFd event) {
        int ignored = WRITE.invokeInt(new Object[] {event.fd(), FULL, 8L});
    }
}
