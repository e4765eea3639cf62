#include "loss.h"

#include <string.h>

static const struct {
    const char *name;
    GanTerms terms;
} LOSSES[] = {
    //                             kind, target, sign: real side; fake side; generator
    [GAN] = {"gan", {{LOSS_LOGISTIC, -1, 1}, {LOSS_LOGISTIC, 1, 1}, {LOSS_LOGISTIC, 1, -1}}},
    [GAN_NONSATURATING] = {"nonsat",
                           {{LOSS_LOGISTIC, -1, 1}, {LOSS_LOGISTIC, 1, 1}, {LOSS_LOGISTIC, -1, 1}}},
    [GAN_LEAST_SQUARES] = {"lsgan",
                           {{LOSS_SQUARE, 1, 1}, {LOSS_SQUARE, 0, 1}, {LOSS_SQUARE, 1, 1}}},
    [GAN_WASSERSTEIN] = {"wgan", {{LOSS_LINEAR, -1, 1}, {LOSS_LINEAR, 1, 1}, {LOSS_LINEAR, -1, 1}}},
    [GAN_WASSERSTEIN_GP] = {"wgan-gp",
                            {{LOSS_LINEAR, -1, 1}, {LOSS_LINEAR, 1, 1}, {LOSS_LINEAR, -1, 1}}},
};

GanTerms gan_terms(GanLoss loss) {
    return LOSSES[loss].terms;
}

bool gan_loss_find(const char *name, GanLoss *loss) {
    for (size_t i = 0; i < sizeof LOSSES / sizeof *LOSSES; i++)
        if (strcmp(name, LOSSES[i].name) == 0) {
            *loss = (GanLoss)i;
            return true;
        }
    return false;
}
