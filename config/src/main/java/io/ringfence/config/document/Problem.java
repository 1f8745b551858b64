package io.ringfence.config.document;

/**
 * One thing wrong with a document.
 *
 * @param mark where it is
 * @param path which value it is about, such as {@code vms[1].reservation.period}; empty for the document as a whole
 * @param found what stands there
 * @param expected what may stand there
 * @param remedy what to do
 */
public record Problem(Mark mark, String path, String found, String expected, String remedy) {
    /** Returns {@code line:column: path: found ...; expected ...; remedy}. */
    @Override
    public String toString() {
        String subject = path.isEmpty() ? "" : path + ": ";
        return "%s: %sfound %s; expected %s; %s".formatted(mark, subject, found, expected, remedy);
    }
}
