#!/usr/bin/env bash
# build-guest.sh DIRECTORY INIT: leaves DIRECTORY/vmlinuz and DIRECTORY/initramfs.cpio, a Debian kernel with busybox, iperf3 and ethtool.
set -euo pipefail
directory=$1 init=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The package is only unpacked: installing a kernel would touch this machine's boot loader.
cd "$scratch"
package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image-/ { print $2; exit }')
if [ -z "$package" ]; then
    echo "apt knows no linux-image-cloud-amd64: run apt-get update on a Debian amd64 system" >&2
    exit 1
fi
apt-get download -q "$package"
dpkg -x "$package"_*.deb kernel

root=$scratch/root
mkdir -p "$root"/{bin,dev,proc,sys,tmp,modules,usr/bin,usr/sbin,etc}
cp "$(command -v busybox)" "$root/bin/busybox"
install -m 755 "$init" "$root/init"
for module in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover net_failover virtio_net; do
    cp "$(find kernel/lib/modules -name $module.ko)" "$root/modules/"
done
for program in iperf3 ethtool; do
    path=$(command -v $program || echo /usr/sbin/$program)
    cp "$path" "$root/usr/bin/"
    for library in $(ldd "$path" | grep -o '/[^ ]*'); do
        mkdir -p "$root$(dirname "$library")"
        cp -L "$library" "$root$library"
    done
done

mkdir -p "$directory"
# Not compressed: to unpack it took an emulated guest half a second of each boot.
(cd "$root" && find . | cpio --quiet -o -H newc) >"$directory/initramfs.cpio.part"
cp kernel/boot/vmlinuz-* "$directory/vmlinuz"
mv "$directory/initramfs.cpio.part" "$directory/initramfs.cpio"
