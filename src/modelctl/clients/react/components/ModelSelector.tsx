"use client";

import { useId } from "react";

import {
  Select,
  SelectContent,
  SelectGroup,
  SelectItem,
  SelectLabel,
  SelectTrigger,
  SelectValue,
} from "@/components/ui/select";
import { useModels, type ModelsOptions } from "@/hooks/useModels";

export interface ModelSelectorProps extends ModelsOptions {
  /** Its name for those who hear the page rather than see it. */
  label?: string;
  disabled?: boolean;
  className?: string;
}

/** Shows which model a route points to and switches it: `<ModelSelector baseUrl="http://localhost:7777" />`. */
export function ModelSelector({ label = "Model", disabled, className = "w-full", ...options }: ModelSelectorProps) {
  const { modelProviders, currentModel, isModelsLoading, error, selectModel } = useModels(options);
  const errorId = useId();
  const shown = currentModel?.model_info?.name ?? currentModel?.target;

  // Keys are compared, never taken apart: a model's id may hold any character.
  const choose = (chosen: string) => {
    const model = modelProviders.flatMap((provider) => provider.models).find((one) => keyOf(one) === chosen);
    if (model) void selectModel(model.id, model.provider);
  };

  return (
    <div className={className}>
      <Select
        value={currentModel ? keyOf({ id: currentModel.model_id, provider: currentModel.provider }) : ""}
        onValueChange={choose}
        disabled={disabled || !modelProviders.length}
      >
        <SelectTrigger
          aria-label={label}
          aria-busy={isModelsLoading || Boolean(currentModel?.pending)}
          aria-describedby={error ? errorId : undefined}
        >
          <SelectValue placeholder={isModelsLoading ? "Loading models…" : "No models"}>{shown}</SelectValue>
        </SelectTrigger>
        <SelectContent>
          {modelProviders.map((provider) => (
            <SelectGroup key={provider.id}>
              <SelectLabel>{provider.name}</SelectLabel>
              {provider.models.map((model) => (
                <SelectItem
                  key={keyOf(model)}
                  value={keyOf(model)}
                  textValue={model.name}
                  disabled={model.disabledReason !== null}
                >
                  {model.name}
                  {model.disabledReason && <span className="text-xs"> · {model.disabledReason}</span>}
                </SelectItem>
              ))}
            </SelectGroup>
          ))}
        </SelectContent>
      </Select>
      {error && (
        <p id={errorId} role="alert" className="mt-1 text-xs">
          {error}
        </p>
      )}
    </div>
  );
}

export default ModelSelector;

const keyOf = ({ provider, id }: { provider: string | null; id: string }) => `${provider}/${id}`;
