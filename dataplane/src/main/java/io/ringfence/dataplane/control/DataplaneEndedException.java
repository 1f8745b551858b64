package io.ringfence.dataplane.control;

/** The dataplane has given its CPUs back for good, and a reload that still goes on gets none of them. */
final class DataplaneEndedException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    DataplaneEndedException() {
        super("Ringfence is ending and has given its dataplane CPUs back; the file is read at its next start");
    }
}
