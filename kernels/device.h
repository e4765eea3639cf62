// Where networks run: what --device says.
#ifndef KERNELS_DEVICE_H
#define KERNELS_DEVICE_H

typedef enum { DEVICE_AUTO, DEVICE_CPU, DEVICE_CUDA } Device;

#endif
