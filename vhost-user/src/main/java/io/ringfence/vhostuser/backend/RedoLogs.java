package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.virtqueue.RedoLog;
import org.jspecify.annotations.Nullable;

/** Where the packed queues of one device keep their redo logs. */
@FunctionalInterface
public interface RedoLogs {
    /** Keeps none: a packed queue whose place the front-end does not know is lost with the process. */
    RedoLogs NOWHERE = (queue, sizeEntries) -> null;

    /**
     * Finds the log of a queue, or makes a new one if there is none of this size. Called by the session's event loop when the
     * queue starts; whoever had it before has let go.
     *
     * @return null if it cannot be kept
     */
    @Nullable
    RedoLog open(int queue, int sizeEntries);

    /** The log of a queue has ended and been closed: nobody will ask for it. Called by the session's event loop. */
    default void remove(int queue) {}
}
