package io.ringfence.dataplane.doctor;

import io.ringfence.dataplane.doctor.Finding.Level;
import java.io.IOException;

/**
 * A change of a recorded host, and what is to be found then.
 *
 * @param remedy a part of it
 */
record Symptom(String subject, Level level, String text, String remedy, Change change) {
    /** What is changed on the recorded host. */
    interface Change {
        void of(RecordedHost host) throws IOException;
    }

    static Symptom written(Level level, String subject, String text, String remedy, String path, String content) {
        return new Symptom(subject, level, text, remedy, host -> host.write(path, content));
    }

    static Symptom removed(Level level, String subject, String text, String remedy, String path) {
        return new Symptom(subject, level, text, remedy, host -> host.remove(path));
    }

    @Override
    public String toString() {
        return subject + ": " + text;
    }
}
