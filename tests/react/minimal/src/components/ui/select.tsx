"use client";

// The names that shadcn's select has, on the same Radix parts, without its looks.
import type { ComponentProps } from "react";
import * as Radix from "@radix-ui/react-select";

export const Select = Radix.Root;
export const SelectGroup = Radix.Group;
export const SelectLabel = Radix.Label;
export const SelectValue = Radix.Value;

export function SelectTrigger({ children, ...rest }: ComponentProps<typeof Radix.Trigger>) {
  return (
    <Radix.Trigger {...rest}>
      {children}
      <Radix.Icon asChild>
        <svg width="8" height="8" />
      </Radix.Icon>
    </Radix.Trigger>
  );
}

export function SelectContent({ children, ...rest }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content position="popper" {...rest}>
        <Radix.Viewport>{children}</Radix.Viewport>
      </Radix.Content>
    </Radix.Portal>
  );
}

export function SelectItem({ children, ...rest }: ComponentProps<typeof Radix.Item>) {
  return (
    <Radix.Item {...rest}>
      <Radix.ItemText>{children}</Radix.ItemText>
      <Radix.ItemIndicator>✓</Radix.ItemIndicator>
    </Radix.Item>
  );
}
