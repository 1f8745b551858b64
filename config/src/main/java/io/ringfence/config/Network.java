package io.ringfence.config;

import java.time.Duration;

/**
 * One isolated layer-2 segment.
 *
 * @param name unique among networks
 * @param mtuBytes the largest layer-3 packet it carries, without the Ethernet header
 * @param ageing how long a learned address is kept without a frame from it
 * @param macLimit how many addresses may be learned from one VM
 */
public record Network(String name, int mtuBytes, Duration ageing, int macLimit) {}
