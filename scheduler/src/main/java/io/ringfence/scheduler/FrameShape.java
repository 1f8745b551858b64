package io.ringfence.scheduler;

/**
 * What a frame is made of, as far as it costs CPU time.
 *
 * @param lengthBytes the bytes that are copied, at least 0
 * @param descriptors the descriptors that they stand in, at least 1
 */
public record FrameShape(int lengthBytes, int descriptors) {
    public FrameShape {
        if (lengthBytes < 0 || descriptors < 1) {
            throw new IllegalArgumentException("lengthBytes=" + lengthBytes + " descriptors=" + descriptors
                    + "; expected 0 bytes or more in 1 descriptor or more");
        }
    }
}
