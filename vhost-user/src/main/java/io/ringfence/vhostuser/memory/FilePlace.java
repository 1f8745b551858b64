package io.ringfence.vhostuser.memory;

/**
 * Which memory it is, whoever maps it: a byte of a file. No other file has both numbers until the host is booted anew.
 *
 * @param device the file system's number
 * @param inode the file's number on it
 * @param offset the byte's offset in the file
 */
public record FilePlace(long device, long inode, long offset) {}
