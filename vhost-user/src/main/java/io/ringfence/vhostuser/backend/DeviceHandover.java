package io.ringfence.vhostuser.backend;

import io.netty.channel.IoEventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Hands a session's states to its device, one after the other.
 *
 * <p>Used by the session's event loop only. The device takes a state on with threads of its own, and says so on any of them,
 * perhaps before {@link Device#configure} returns: what is to follow is always brought back to the event loop, and follows
 * once, however often the device says so.
 */
final class DeviceHandover {
    private final IoEventLoop loop;
    private final Device device;
    private DeviceState latest = DeviceState.empty();
    private boolean busy;

    DeviceHandover(IoEventLoop loop, Device device) {
        this.loop = loop;
        this.device = device;
    }

    /** The state that the device was given last, whether it has taken it on or not. */
    DeviceState latest() {
        return latest;
    }

    /** Whether the device has not taken on its latest state: it may still use what only earlier ones name. */
    boolean isBusy() {
        return busy;
    }

    /**
     * Gives the device another state; not while it is busy.
     *
     * @param then runs later, on the loop's thread, when the device has taken it on; never if this throws, or if the event loop has
     *     been closed by then
     */
    void configure(DeviceState next, Runnable then) {
        latest = next;
        busy = true;
        AtomicBoolean applied = new AtomicBoolean();
        try {
            device.configure(next, () -> {
                if (applied.compareAndSet(false, true)) {
                    try {
                        loop.execute(() -> {
                            busy = false;
                            then.run();
                        });
                    } catch (RejectedExecutionException e) {
                        // The event loop has been closed, and all sessions with it.
                    }
                }
            });
        } catch (RuntimeException | Error e) {
            // Nobody else will say that the device is through with it, and so the session could not end.
            if (applied.compareAndSet(false, true)) {
                busy = false;
            }
            throw e;
        }
    }
}
