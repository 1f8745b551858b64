package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.Payload.VringAddress;
import io.ringfence.vhostuser.protocol.ProtocolViolation;
import io.ringfence.vhostuser.virtqueue.QueueSetup;
import io.ringfence.vhostuser.virtqueue.RedoLog;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import org.jspecify.annotations.Nullable;

/**
 * What the front-end has said about one ring (vhost-user.rst, "Ring states").
 *
 * <p>A ring is started by SET_VRING_KICK and runs as soon as its size, its addresses and the memory are known too, in
 * whatever order they come; GET_VRING_BASE stops it. Whether it is enabled is independent of that.
 */
final class Vring {
    private static final int INITIAL_BASE_PACKED = 0x8000_8000;

    private final int index;
    private final SessionState session;
    private final VringRedoLog redoLog;

    private int sizeEntries;
    private @Nullable VringAddress address;
    private int base;
    private boolean baseKnown;
    private boolean started;
    private boolean enabled;
    private boolean suspended;
    private @Nullable EventFd kick;
    private @Nullable EventFd call;
    private @Nullable EventFd error;

    private int generation;
    private @Nullable Virtqueue view;
    /** The last view, while the ring is suspended. */
    private @Nullable Virtqueue suspendedView;

    private GuestMemory viewMemory = GuestMemory.empty();

    Vring(int index, SessionState session) {
        this.index = index;
        this.session = session;
        redoLog = new VringRedoLog(index, session);
    }

    /** Whether the device has been given this ring. */
    boolean runs() {
        return view != null;
    }

    /** Where the ring goes on; initially both indexes are 0, or the wrap counters of a packed ring 1. */
    int base() {
        if (baseKnown) {
            return base;
        }
        return (session.features & Features.RING_PACKED) != 0 ? INITIAL_BASE_PACKED : 0;
    }

    void setSize(int entries) {
        sizeEntries = entries;
    }

    void setBase(int position) {
        base = position;
        baseKnown = true;
    }

    void setAddress(VringAddress address) {
        this.address = address;
        suspended = false;
    }

    void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    /** Starts the ring; a ring that runs goes on with another descriptor, and is not disabled. */
    void start(@Nullable EventFd kick) {
        retire(this.kick);
        this.kick = kick;
        started = true;
    }

    void setCall(@Nullable EventFd call) {
        retire(this.call);
        this.call = call;
    }

    void setError(@Nullable EventFd error) {
        retire(this.error);
        this.error = error;
    }

    /**
     * Stops the ring.
     *
     * @return to be run when the device has let go of it: the base is then where it stopped
     */
    Runnable stop() {
        retire(kick);
        kick = null;
        started = false;
        suspended = false;
        Virtqueue last = lastView();
        Runnable released = release();
        return () -> {
            released.run();
            if (last != null) {
                last.handBack();
            }
        };
    }

    /** Takes the ring from the device until its memory is there again; see {@link #stop} for the result. */
    Runnable suspend() {
        suspended = true;
        Virtqueue last = view;
        Runnable released = release();
        suspendedView = last;
        return released;
    }

    private @Nullable Virtqueue lastView() {
        return view == null ? suspendedView : view;
    }

    private Runnable release() {
        Virtqueue last = view;
        view = null;
        suspendedView = null;
        return () -> {
            if (last != null) {
                setBase(last.base());
            }
        };
    }

    /** Stops and disables the ring and forgets its set-up; its call and error descriptors stay. */
    void reset() {
        Virtqueue last = lastView();
        if (last != null) {
            session.retire(last::handBack);
        }
        clear();
    }

    private void clear() {
        retire(kick);
        kick = null;
        started = false;
        enabled = false;
        suspended = false;
        sizeEntries = 0;
        address = null;
        baseKnown = false;
        view = null;
        suspendedView = null;
    }

    /** Forgets everything: the session is over. */
    void forget() {
        clear();
        redoLog.forget();
        setCall(null);
        setError(null);
    }

    private void retire(@Nullable EventFd descriptor) {
        if (descriptor != null) {
            session.retire(descriptor::close);
        }
    }

    /**
     * The ring as the device is to see it.
     *
     * @return null if it does not run; the same object as before if nothing changed
     * @throws ProtocolViolation if it cannot lie where the front-end said
     */
    @Nullable
    Virtqueue view() throws ProtocolViolation {
        if (!started
                || sizeEntries == 0
                || address == null
                || session.memory.regions().isEmpty()) {
            return null;
        }
        Virtqueue before = view;
        QueueSetup setup = setup(address, before == null ? generation + 1 : generation);
        if (before != null && before.setup().equals(setup) && viewMemory == session.memory) {
            return before;
        }
        try {
            view = Virtqueue.of(setup, session.memory, session.features, redoLog());
        } catch (IllegalArgumentException e) {
            if (suspended && !session.memory.truncated()) {
                return null;
            }
            throw new ProtocolViolation(String.valueOf(e.getMessage()));
        }
        suspended = false;
        suspendedView = null;
        generation = setup.generation();
        viewMemory = session.memory;
        return view;
    }

    private @Nullable RedoLog redoLog() {
        if ((session.features & Features.RING_PACKED) == 0) {
            return null;
        }
        if (redoLog.isOfAnotherSizeThan(sizeEntries)) {
            suspendedView = null; // which has nothing else to hand back
        }
        return redoLog.of(sizeEntries);
    }

    /** Whether the ring runs and would not lie in this memory. */
    boolean losesItsPlaceIn(GuestMemory memory) {
        if (view == null) {
            return false;
        }
        try {
            Virtqueue ignored = Virtqueue.of(view.setup(), memory, session.features);
            return false;
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    private QueueSetup setup(VringAddress address, int generation) {
        return new QueueSetup(
                index,
                sizeEntries,
                address.descriptors(),
                address.available(),
                address.used(),
                base(),
                generation,
                enabled || session.ringsStartEnabled(),
                kick,
                call,
                error);
    }
}
