// The stage types of this library, each in its own stage_<type>.cc; registry.cc lists them.
#pragma once

#include "recipes/stage.h"

namespace r1::recipes {

StageType countdown_data_stage();
StageType code_data_stage();
StageType pretrain_stage();
StageType pretrained_stage();
StageType sft_stage();
StageType grpo_stage();
StageType distill_stage();
StageType eval_stage();

}  // namespace r1::recipes
