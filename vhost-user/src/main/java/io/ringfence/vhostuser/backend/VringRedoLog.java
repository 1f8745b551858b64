package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.virtqueue.RedoLog;
import org.jspecify.annotations.Nullable;

/**
 * The {@link RedoLog} that a packed ring has during a session: opened when the ring first runs, kept while it stops and starts,
 * replaced when it gets another size.
 *
 * <p>Used by the session's event loop only. The device writes to a log until it has let go of the ring, so that what is replaced
 * or given up here is retired and not closed at once.
 */
final class VringRedoLog {
    private final int index;
    private final SessionState session;
    private @Nullable RedoLog log;

    VringRedoLog(int index, SessionState session) {
        this.index = index;
        this.session = session;
    }

    /** Whether there is one, for a ring of another size than this. */
    boolean isOfAnotherSizeThan(int sizeEntries) {
        return log != null && log.sizeEntries() != sizeEntries;
    }

    /** The log of a ring of this size, or null if it cannot be kept. */
    @Nullable
    RedoLog of(int sizeEntries) {
        RedoLog kept = log;
        if (kept != null && kept.sizeEntries() != sizeEntries) {
            session.retire(kept::close);
            log = null;
        }
        if (log == null) {
            log = session.redoLogs.open(index, sizeEntries);
        }
        return log;
    }

    /** Lets go of it; one that has not ended stays for the next session, whose front-end may not know where to go on. */
    void forget() {
        RedoLog kept = log;
        log = null;
        if (kept != null) {
            session.retire(() -> close(kept));
        }
    }

    private void close(RedoLog kept) {
        boolean ended = kept.hasEnded();
        kept.close();
        if (ended) {
            session.redoLogs.remove(index);
        }
    }
}
